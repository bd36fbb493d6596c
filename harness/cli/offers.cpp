#include "harness/cli/offers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <ostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/messages.hpp"
#include "harness/cli/print_json.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/event.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/offers/family.hpp"

namespace cambench::cli {
namespace {

struct Inputs {
    offers::Firmware newer;
    std::optional<offers::Firmware> older;
};

Result<Inputs> read_inputs(const OffersOptions& options) {
    TRY_ASSIGN(auto newer, offers::load_firmware(options.package));
    Inputs inputs{std::move(newer), {}};
    if (inputs.newer.bytes.size() < 64)
        return usage_error(
            fmt::format("{}: {} bytes are no firmware", options.package.string(), inputs.newer.bytes.size()));
    if (!options.older.empty()) {
        TRY_ASSIGN(inputs.older, offers::load_firmware(options.older));
    }
    if (!options.key.empty()) {
        TRY_ASSIGN(const auto pem, read_text_file(options.key));
        auto key = offers::SigningKey::read(pem);
        if (!key) return std::move(key).error().in(options.key.string());
        inputs.newer.key = std::move(*key);
    }
    return inputs;
}

Json to_json(const offers::Container& container) {
    return {
        {"format", container.format},   {"title", container.title},       {"model", container.model},
        {"version", container.version}, {"size", container.size},         {"sha256", container.sha256},
        {"md5", container.md5},         {"entropy", container.entropy},   {"signature", container.signature},
        {"facts", container.facts},     {"versions", container.versions}, {"inside", container.inside}};
}

void describe(const offers::Container& container, std::ostream& out) {
    const auto line = [&](std::string_view name, std::string_view text) {
        if (!text.empty()) out << fmt::format("  {:<10} {}\n", name, inert(text));
    };
    line("format", container.title);
    line("model", container.model);
    line("version", container.version.empty() ? "none that is known; say it with <offer-update version=\"\"/>"
                                              : container.version);
    line("size", fmt::format("{} bytes", container.size));
    line("sha256", container.sha256);
    line("md5", container.md5);
    line("entropy", fmt::format("{:.2f} bits a byte", container.entropy));
    line("signature", container.signature.empty() ? "none that is recognised" : container.signature);
    for (const auto& fact : container.facts) line("header", fact);
    if (!container.versions.empty()) line("strings", join(container.versions, ", "));
    if (!container.inside.empty()) line("inside", join(container.inside, ", "));
}

/// One member as it came out, or why it could not be made.
Json member(const std::string& name, const Result<offers::Offer>& offer, const std::filesystem::path& file) {
    if (!offer) return {{"offer", name}, {"made", false}, {"why", offer.error().message}};
    return {{"offer", name},
            {"made", true},
            {"genuine", offer->kind->genuine},
            {"bytes", offer->bytes.size()},
            {"sha256", sha256_of(offer->bytes)},
            {"promised_version", offer->version},
            {"checksums", std::string(offers::to_string(offer->sums))},
            {"covered", offer->covered},
            {"change", offer->change},
            {"file", file.filename().string()},
            {"doc", offer->kind->doc}};
}

Result<Json> make_family(const OffersOptions& options, const Inputs& inputs) {
    std::error_code code;
    std::filesystem::create_directories(options.out, code);
    if (code) return bench_error(fmt::format("make {}: {}", options.out.string(), code.message()));
    const offers::Ancestors ancestors{&inputs.newer, inputs.older ? &*inputs.older : nullptr,
                                      options.running};
    Json family = Json::array();
    for (const auto& kind : offers::offer_kinds()) {
        if (!options.only.empty() &&
            std::find(options.only.begin(), options.only.end(), kind.name) == options.only.end())
            continue;
        const auto offer = offers::make_offer(kind.name, ancestors);
        const auto file = options.out / (kind.name + ".bin");
        if (offer)
            if (auto status = write_file_atomically(file, as_text(offer->bytes)); !status)
                return bench_error(status.error().message);
        family.push_back(member(kind.name, offer, file));
    }
    return family;
}

void print(const Json& report, const offers::Container& container, const OffersOptions& options,
           std::ostream& out) {
    if (options.format == OutputFormat::json) {
        print_json(report, out);
        return;
    }
    out << inert(options.package.string()) << '\n';
    describe(container, out);
    for (const auto& one : report.value("offers", Json::array())) {
        const auto name = one.at("offer").get<std::string>();
        if (one.at("made").get<bool>())
            out << fmt::format("  + {:<18} {:>9} bytes  {}\n", name, one.at("bytes").get<std::size_t>(),
                               one.at("doc").get<std::string>());
        else
            out << fmt::format("  - {:<18} {}\n", name, inert(one.at("why").get<std::string>()));
    }
}

}  // namespace

std::vector<std::string> offer_names() {
    std::vector<std::string> names;
    for (const auto& kind : offers::offer_kinds()) names.push_back(kind.name);
    return names;
}

std::string offers_help() {
    std::string text = "Offers:\n";
    for (const auto& kind : offers::offer_kinds()) text += fmt::format("  {:<18} {}\n", kind.name, kind.doc);
    return text +
           "Of formats that are known (uImage, FIT, TRX, SquashFS, RAUC, SWUpdate, Mender, cpio, tar, gzip, "
           "ZIP, Reolink's pak) checksums are made right as a forger would; of others "
           "only what lies amid the file is changed with certainty, and whether checksums fit is said to be "
           "open. Nothing is signed anew.";
}

int offers_command(const OffersOptions& options, std::ostream& out, std::ostream& errors) {
    const auto inputs = read_inputs(options);
    if (!inputs) {
        errors << "cambench: " << printable(inputs.error().message) << '\n';
        return usage_exit_code;
    }
    const auto container = offers::recognise(inputs->newer.bytes);
    Json report{{"package", options.package.string()}, {"container", to_json(container)}};
    if (!options.out.empty()) {
        auto family = make_family(options, *inputs);
        if (!family) {
            errors << "cambench: " << printable(family.error().message) << '\n';
            return bench_error_exit_code;
        }
        report["offers"] = std::move(*family);
    }
    print(report, container, options, out);
    return 0;
}

}  // namespace cambench::cli
