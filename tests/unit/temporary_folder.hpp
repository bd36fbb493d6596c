#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace cambench::temporary {

/// A folder that goes away with the test.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cambench-test-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path_ / name;
    }
    std::filesystem::path copy(const std::filesystem::path& file) const {
        const auto place = path_ / file.filename();
        std::filesystem::copy_file(file, place, std::filesystem::copy_options::overwrite_existing);
        return place;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace cambench::temporary
