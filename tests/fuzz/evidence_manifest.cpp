// A manifest and a record that somebody else wrote: no name that gets through leads out of the evidence, and
// no JSON is too deep to be walked.
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "harness/core/json.hpp"
#include "harness/evidence/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto manifest = parse_manifest(text);
    for (const auto& [name, hash] : manifest.hashes) {
        const auto place = ("/evidence" / std::filesystem::path(name)).lexically_normal().string();
        if (!place.starts_with("/evidence/") || hash.size() != 64) std::abort();
    }
    for (const auto& complaint : manifest.complaints)
        if (complaint.find('\x1b') != std::string::npos) std::abort();
    const auto json = parse_json(text);
    if (!json.is_discarded()) (void)json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    JsonMembers members(json, "run.json");
    (void)members.text("kind");
    (void)members.flag("finished");
    (void)members.list("scenarios").size();
    (void)members.object("parameters").size();
    return 0;
}
