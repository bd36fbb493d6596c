#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"
#include "harness/documents/documents.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

std::filesystem::path golden_folder() { return shipped_folder() / "tests/golden/xml"; }

std::string content_of(const std::filesystem::path& file) {
    std::ostringstream content;
    content << std::ifstream(file, std::ios::binary).rdbuf();
    return content.str();
}

/// What `cambench check` says, with the folder's own name left out.
std::string said_about(const std::filesystem::path& file) {
    markup::Problems problems;
    const auto status = check_document(file, problems);
    std::string text;
    for (const auto& problem : problems) text += inert(problem.to_string()) + "\n";
    text += status.ok() ? "ok\n" : "";
    const auto folder = golden_folder().string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
        text.erase(at, folder.size());
    return text;
}

std::vector<std::filesystem::path> documents() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(golden_folder()))
        if (entry.path().extension() == ".xml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

// With CAMBENCH_UPDATE_GOLDEN=1 the expected texts are written anew; read the difference before you commit
// it.
TEST_CASE("each kind of mistake in a document is told as expected", "[scenario][golden]") {
    REQUIRE(documents().size() >= 10);
    const bool update = std::getenv("CAMBENCH_UPDATE_GOLDEN") != nullptr;
    for (const auto& file : documents()) {
        INFO(file.filename().string());
        const auto expected = std::filesystem::path(file).replace_extension(".expected");
        if (update) std::ofstream(expected, std::ios::binary) << said_about(file);
        CHECK(said_about(file) == content_of(expected));
    }
}
