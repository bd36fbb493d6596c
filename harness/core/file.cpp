#include "harness/core/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace cambench {

void FileHandle::close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

Status write_all(int descriptor, ByteView bytes, std::string_view what) {
    while (!bytes.empty()) {
        const auto count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("write " + std::string(what), errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Result<std::string> read_text_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream || std::filesystem::is_directory(file)) return bench_error(file.string() + ": cannot be read");
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

Status write_file_atomically(const std::filesystem::path& file, std::string_view content) {
    const auto temporary = file.parent_path() / ("." + file.filename().string() + ".tmp");
    FileHandle handle(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!handle.valid()) return system_error("create " + temporary.string(), errno);
    auto status = write_all(handle.get(), as_bytes(content), temporary.string());
    if (status.ok() && ::fsync(handle.get()) != 0) status = system_error("sync " + temporary.string(), errno);
    if (status.ok() && ::rename(temporary.c_str(), file.c_str()) != 0) status = system_error("rename " + temporary.string(), errno);
    if (!status.ok()) ::unlink(temporary.c_str());
    return status;
}

std::filesystem::path program_directory() {
    std::error_code code;
    return std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
}

std::filesystem::path companion_program(std::string_view name) {
    const auto beside = program_directory() / name;
    const auto installed = program_directory().parent_path() / "libexec/cambench" / name;
    std::error_code code;
    return !std::filesystem::exists(beside, code) && std::filesystem::exists(installed, code) ? installed : beside;
}

}  // namespace cambench
