#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <istream>

#include "harness/core/digest.hpp"
#include "harness/core/file.hpp"
#include "tests/catch.hpp"

using namespace cambench;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path;
    Folder() {
        auto pattern = (fs::temp_directory_path() / "cambench-file-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path); }
    fs::path write(const std::string& name, const std::string& content) const {
        std::ofstream(path / name, std::ios::binary) << content;
        return path / name;
    }
};

mode_t mode_of(const fs::path& file) {
    struct stat found {};
    REQUIRE(::lstat(file.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

}  // namespace

TEST_CASE("what is no regular file is refused at once, by every reader") {
    Folder folder;
    REQUIRE(::mkfifo((folder.path / "fifo").c_str(), 0600) == 0);
    fs::create_directory(folder.path / "folder");
    fs::create_symlink("fifo", folder.path / "link-to-fifo");
    for (const fs::path& file :
         {folder.path / "fifo", folder.path / "link-to-fifo", folder.path / "folder", fs::path("/dev/zero"),
          fs::path("/proc/self/environ"), fs::path("/proc/kmsg")}) {
        INFO(file);
        CHECK_FALSE(open_regular_file(file).ok());
        CHECK_FALSE(open_regular_stream(file).ok());
        CHECK_FALSE(read_text_file(file).ok());
        CHECK_FALSE(sha256_of_file(file).ok());
    }
    CHECK(read_text_file(folder.path / "fifo")
              .error()
              .message.ends_with("is a FIFO; a regular file is wanted"));
    CHECK(read_text_file("/dev/zero").error().message == "/dev/zero is a device; a regular file is wanted");
}

TEST_CASE("a link is followed only where that is wanted") {
    Folder folder;
    folder.write("text", "words");
    fs::create_symlink("text", folder.path / "link");
    CHECK(read_text_file(folder.path / "link").value_or("") == "words");
    CHECK_FALSE(read_text_file(folder.path / "link", longest_text_file, Links::refused).ok());
    CHECK_FALSE(sha256_of_file(folder.path / "link").ok());
}

TEST_CASE("a file is read to its bound and not beyond") {
    Folder folder;
    const auto file = folder.write("text", std::string(100'000, 'x'));
    CHECK(read_text_file(file, 100'000).ok());
    const auto refused = read_text_file(file, 99'999);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().fault == Fault::usage);
    const auto stream = open_regular_stream(file);
    REQUIRE(stream.ok());
    std::string all{std::istreambuf_iterator<char>(**stream), {}};
    CHECK(all.size() == 100'000);
}

TEST_CASE("the kernel's own files are read where nobody else chose their names") {
    CHECK(read_kernel_file("/proc/self/status").ok());
}

TEST_CASE("a file is written without touching what was laid beside it") {
    Folder folder;
    const auto victim = folder.write("victim", "precious");
    // The name that was once taken on the way.
    fs::create_symlink("victim", folder.path / ".page.html.tmp");
    fs::create_symlink("victim", folder.path / "linked.html");
    REQUIRE(write_file_atomically(folder.path / "page.html", "new").ok());
    REQUIRE(write_file_atomically(folder.path / "linked.html", "new").ok());
    CHECK(read_text_file(victim).value_or("") == "precious");
    CHECK(read_text_file(folder.path / "page.html").value_or("") == "new");
    CHECK_FALSE(fs::is_symlink(folder.path / "linked.html"));
    CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 4);
}

TEST_CASE("what is for its owner alone is never open to others, whatever the umask") {
    Folder folder;
    const auto before = ::umask(0);
    const bool written = write_file_atomically(folder.path / "secret", "words", Readers::owner).ok();
    const bool open = write_file_atomically(folder.path / "page", "words").ok();
    ::umask(before);
    REQUIRE((written && open));
    CHECK(mode_of(folder.path / "secret") == 0600);
    CHECK(mode_of(folder.path / "page") == 0644);
}

TEST_CASE("a private folder is made, or is one already; anything else in its place is refused") {
    Folder folder;
    CHECK(make_private_directory(folder.path / "own").ok());
    CHECK(mode_of(folder.path / "own") == 0700);
    CHECK(make_private_directory(folder.path / "own").ok());
    fs::create_directory(folder.path / "open");
    ::chmod((folder.path / "open").c_str(), 0755);
    CHECK_FALSE(make_private_directory(folder.path / "open").ok());
    CHECK(refuse_foreign_directory(folder.path / "open").ok());
    ::chmod((folder.path / "open").c_str(), 0777);
    CHECK_FALSE(refuse_foreign_directory(folder.path / "open").ok());
    fs::create_directory_symlink("own", folder.path / "link");
    CHECK_FALSE(make_private_directory(folder.path / "link").ok());
    CHECK_FALSE(refuse_foreign_directory(folder.path / "link").ok());
    folder.write("file", "");
    CHECK_FALSE(make_private_directory(folder.path / "file").ok());
}

TEST_CASE("a private folder of another user is refused", "[root]") {
    if (::geteuid() != 0)
        SUCCEED("only root can make one");
    else {
        Folder folder;
        fs::create_directory(folder.path / "theirs");
        ::chmod((folder.path / "theirs").c_str(), 0700);
        REQUIRE(::chown((folder.path / "theirs").c_str(), 65534, 65534) == 0);
        const auto made = make_private_directory(folder.path / "theirs");
        REQUIRE_FALSE(made.ok());
        CHECK(made.error().message.find("belongs to user 65534") != std::string::npos);
        CHECK_FALSE(refuse_foreign_directory(folder.path / "theirs").ok());
    }
}
