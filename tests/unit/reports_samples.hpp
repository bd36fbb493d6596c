#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "reports/finished_run.hpp"
#include "tests/catch.hpp"

namespace cambench::reports::samples {

namespace fs = std::filesystem;

/// The made-up evidence directories of tests/golden/reports.
inline fs::path folder() { return fs::path(CAMBENCH_SOURCE_DIR) / "tests/golden/reports"; }

inline const std::vector<std::string>& names() {
    static const std::vector<std::string> all{"honest", "sleeper", "unseen", "leak",
                                              "killed", "hostile", "suite"};
    return all;
}

/// Of a sample by its name, or of any directory by its absolute path.
inline FinishedRun load(const fs::path& directory) {
    auto run = load_finished_run(folder() / directory);
    if (!run) FAIL(run.error().message);
    return std::move(*run);
}

inline std::string content_of(const fs::path& file) {
    std::ostringstream content;
    content << std::ifstream(file, std::ios::binary).rdbuf();
    return content.str();
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

/// A copy of a sample that a test may spoil; removed with the object.
class Copy {
public:
    explicit Copy(const std::string& name) {
        auto pattern = (fs::temp_directory_path() / "cambench-reports-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        top_ = pattern;
        fs::copy(folder() / name, top_ / name, fs::copy_options::recursive);
        directory_ = top_ / name;
    }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    ~Copy() {
        std::error_code ignored;
        fs::remove_all(top_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return directory_; }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(directory_ / name, std::ios::binary) << content;
    }
    void edit(const std::string& name, const std::string& what, const std::string& with) const {
        const auto before = content_of(directory_ / name);
        REQUIRE(before.find(what) != std::string::npos);
        write(name, replaced(before, what, with));
    }

private:
    fs::path top_, directory_;
};

}  // namespace cambench::reports::samples
