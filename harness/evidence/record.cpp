#include "harness/evidence/record.hpp"

#include <fmt/format.h>

#include "harness/core/file.hpp"
#include "harness/core/json.hpp"
#include "harness/core/text.hpp"
#include "harness/evidence/manifest.hpp"

namespace cambench {
namespace {

constexpr std::uint64_t longest_record = 256U << 20;

Status take_parts(const Json& list, const std::string& where, RunRecord& record) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        JsonMembers part(list[i], fmt::format("{}: scenario {}", where, i + 1));
        record.parts.push_back({part.text("id"), part.text("evidence"), part.text("level")});
        TRY(part.status());
    }
    return {};
}

Status take_parameters(const Json& given, const std::string& where, RunRecord& record) {
    for (const auto& [name, value] : given.items()) {
        if (!value.is_string())
            return usage_error(fmt::format("{}: the parameter '{}' is {}, and a text belongs there", where,
                                           inert(name), type_name(value)));
        record.parameters[name] = value.get<std::string>();
    }
    return {};
}

}  // namespace

Result<Json> read_record(const std::filesystem::path& file) {
    TRY_ASSIGN(const auto text, read_text_file(file, longest_record, Links::refused));
    auto json = parse_json(text);
    if (!json.is_object())
        return usage_error(file.string() + (is_nested_too_deeply(text) ? " is nested too deeply to be ours"
                                                                       : " is no JSON object"));
    return json;
}

Result<RunRecord> read_run_record(const std::filesystem::path& directory) {
    const auto where = (directory / "run.json").string();
    TRY_ASSIGN(const auto json, read_record(where));
    JsonMembers members(json, where);
    RunRecord record;
    record.is_suite = members.text("kind") == "suite";
    record.finished = members.flag("finished");
    record.run = members.text("run");
    record.slot = members.text("slot");
    record.unit = members.text("unit");
    record.persona = members.text("persona");
    record.started = members.text("started");
    const auto& parameters = members.object("parameters");
    const auto& parts = members.list("scenarios");
    TRY(members.status());
    TRY(take_parameters(parameters, where, record));
    if (record.is_suite) TRY(take_parts(parts, where, record));
    return record;
}

Status refuse_outside_parts(const std::filesystem::path& directory) {
    for (const auto* name : {"run.json", "verdict.json"}) {
        const auto json = read_record(directory / name);
        if (!json) continue;  // what cannot be read names nothing
        JsonMembers members(*json, (directory / name).string());
        RunRecord record;
        TRY(take_parts(members.list("scenarios"), (directory / name).string(), record));
        TRY(members.status());
        for (const auto& part : record.parts)
            if (!part.evidence.empty() && !stays_below(part.evidence))
                return usage_error(
                    fmt::format("{}: a part of the suite lies in '{}', outside of the evidence",
                                (directory / name).string(), inert(part.evidence)));
    }
    return {};
}

Result<std::string> recorded_verdict(const std::filesystem::path& directory) {
    std::error_code code;
    const auto file = directory / "verdict.json";
    if (std::filesystem::symlink_status(file, code).type() == std::filesystem::file_type::not_found)
        return std::string();
    const auto json = read_record(file);
    if (!json) return std::string();  // torn: as good as none
    JsonMembers members(*json, file.string());
    auto verdict = members.text("verdict");
    TRY(members.status());
    return verdict;
}

}  // namespace cambench
