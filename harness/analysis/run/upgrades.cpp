#include "harness/analysis/run/upgrades.hpp"

#include <re2/re2.h>
#include <algorithm>
#include <memory>

#include "harness/core/event_fields.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_offers = 10'000;
// What makers print; the declaration's own words take their place.
constexpr auto usual_running =
    R"((?i)\b(?:firmware|software|fw|sw|app|system)\b[ _-]*(?:version|ver|rev|release)?\s*[:=]?\s*v?([0-9]+(?:\.[0-9A-Za-z]+){1,4})(?:.*\b(?:slot|bank|part(?:ition)?)[ :=]*([AB01])\b)?)";
constexpr auto usual_installing =
    R"((?i)\b(?:flash(?:ing)?|eras(?:e|ing)|writ(?:e|ing)|programm(?:ing)?|burn(?:ing)?|install(?:ing|ed)|upgrad(?:e|ing)|updating)\b.*(?:[0-9] ?%|\bslot\b|\bmtd\w*|\bpartition\b|\bkernel\b|\brootfs\b|\bfirmware\b))";
constexpr auto usual_refused =
    R"((?i)\b(?:upgrade|update|firmware|package|image)\b.*\b(?:refused|rejected|invalid|not valid|denied|(?:verify|verification|signature|check)\b.*\b(?:fail|bad|error|mismatch)))";

std::unique_ptr<RE2> compile(const std::string& expression, const char* usual) {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    auto pattern = std::make_unique<RE2>(expression.empty() ? std::string(usual) : expression, options);
    return pattern->ok() ? std::move(pattern) : std::make_unique<RE2>(usual, options);
}

std::optional<std::pair<std::string, std::string>> named(const std::string& line, const RE2& pattern) {
    std::string version, slot;
    const RE2::Arg first(&version), second(&slot);
    const RE2::Arg* const groups[] = {&first, &second};
    if (!RE2::PartialMatchN(re2::StringPiece(line), pattern, groups,
                            std::min(2, pattern.NumberOfCapturingGroups())) ||
        version.empty())
        return std::nullopt;
    return std::pair(version, slot);
}

std::vector<FirmwareStart> starts_of(const Observations& observations, const RE2& pattern) {
    std::vector<FirmwareStart> starts;
    for (const auto& line : observations.console.lines) {
        if (!line.time) continue;
        if (auto found = named(line.text, pattern))
            starts.push_back({*line.time, std::move(found->first), std::move(found->second), &line});
    }
    return starts;
}

std::vector<const ConsoleLine*> lines_like(const Observations& observations, const RE2& pattern,
                                           Nanoseconds from, Nanoseconds until) {
    std::vector<const ConsoleLine*> lines;
    for (const auto& line : observations.console.lines)
        if (line.time && *line.time >= from && *line.time < until &&
            RE2::PartialMatch(re2::StringPiece(line.text), pattern))
            lines.push_back(&line);
    return lines;
}

/// A refusal said before the unit asked, in this offer, belongs to the one before. Of servers it has no
/// reason to trust it asks nothing, and to whom it is brought it asks not either.
Nanoseconds refusals_count_from(const UpgradeOffer& offer) {
    if (is_brought(offer.way) || !offer.trusted) return offer.time;
    if (offer.asked || offer.fetch_began)
        return std::min(offer.asked.value_or(Nanoseconds::max()),
                        offer.fetch_began.value_or(Nanoseconds::max()));
    return Nanoseconds::max();
}

}  // namespace

bool UpgradeStory::booted() const {
    // Where nobody knows what the package calls itself, another version than ran before tells that something
    // was installed.
    return std::any_of(starts.begin(), starts.end(), [this](const FirmwareStart& start) {
        return start.version != before &&
               (offer.version.empty() ? !before.empty() && fetched() : start.version == offer.version);
    });
}

bool UpgradeStory::refused_by_checksum() const {
    static const RE2 signature_words(
        R"((?i)signature|\b(un)?signed\b|\bsign\b|\brsa\b|ecdsa|ed25519|\bcms\b|pkcs|certificate|untrusted|\bkey\b)",
        RE2::Quiet);
    static const RE2 checksum_words(
        R"((?i)check ?sum|\bcrc|\bmd5|\bsha-?\d|\bhash\b|digest|\bsize\b|length|too (short|long|large|small)|truncated|incomplete)",
        RE2::Quiet);
    const auto any = [this](const RE2& words) {
        return std::any_of(refused.begin(), refused.end(), [&](const ConsoleLine* line) {
            return RE2::PartialMatch(re2::StringPiece(line->text), words);
        });
    };
    return any(checksum_words) && !any(signature_words);
}

std::optional<std::pair<std::string, std::string>> firmware_named(const std::string& line,
                                                                  const std::string& expression) {
    return named(line, *compile(expression, usual_running));
}

std::vector<FirmwareStart> firmware_starts(const Observations& observations, const std::string& expression) {
    return starts_of(observations, *compile(expression, usual_running));
}

bool is_brought(std::string_view way) {
    return way == "upload" || way == "onvif" || way == "card" || way == "ports";
}

std::vector<UpgradeStory> upgrade_stories(const Observations& observations, const UpgradeWords& words) {
    const auto installing = compile(words.installing, usual_installing),
               refused = compile(words.refused, usual_refused);
    const auto starts = firmware_starts(observations, words.running);
    std::vector<UpgradeStory> stories;
    const auto& offers = observations.upgrade_offers;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        UpgradeStory story{offers[i], {}, {},
                           {},        {}, !words.installing.empty(),
                           {},        {}, i + 1 < offers.size() ? offers[i + 1].time : Nanoseconds::max()};
        story.installing = lines_like(observations, *installing, story.offer.time, story.end);
        story.refused = lines_like(observations, *refused, refusals_count_from(story.offer), story.end);
        // "upgrade of the firmware rejected" is no installation
        std::erase_if(story.installing, [&](const ConsoleLine* line) {
            return std::find(story.refused.begin(), story.refused.end(), line) != story.refused.end();
        });
        for (const auto& start : starts) {
            if (start.time < story.offer.time)
                story.before = start.version;
            else if (start.time < story.end)
                story.starts.push_back(start);
            if (story.offer.cut && start.time > *story.offer.cut && start.time < story.end)
                story.after_cut.push_back(start);
        }
        story.after = story.starts.empty() ? story.before : story.starts.back().version;
        stories.push_back(std::move(story));
    }
    return stories;
}

UpgradeOffer* UpgradeReader::find(const Event& event) {
    const auto number = count_of(event.fields, "offer");
    const auto found = std::find_if(offers_.begin(), offers_.end(),
                                    [&](const UpgradeOffer& offer) { return offer.number == number; });
    return found == offers_.end() ? nullptr : &*found;
}

/// Firmware, or a list of it, that was fetched as a file by its name.
void UpgradeReader::take_file(const Event& event, UpgradeOffer& offer) {
    const bool list = text_of(event.fields, "update") == "list";
    auto& count = list ? offer.lists : offer.fetches;
    if (count++ == 0) (list ? offer.asked : offer.fetch_began) = event.time;
    if (text_of(event.fields, "inside") != "tls" && !offer.in_clear) offer.in_clear = event.time;
    const auto name = text_of(event.fields, "name"), destination = text_of(event.fields, "destination");
    (list ? offer.server : offer.carrier) =
        name.empty() ? destination.substr(0, destination.rfind(':')) : name;
    // TFTP's own acknowledgements say it; of a connection the deliveries do.
    if (event.kind == "tftp" && !list && flag_of(event.fields, "whole"))
        offer.whole = true, offer.delivered = event.time, offer.bytes = offer.size;
}

void UpgradeReader::take(const Event& event) {
    if (event.lane == "scenario" && event.kind == "offer" && offers_.size() < most_offers) {
        offers_.push_back({.number = count_of(event.fields, "number"),
                           .kind = text_of(event.fields, "offer"),
                           .genuine = flag_of(event.fields, "genuine"),
                           .objection = text_of(event.fields, "objection"),
                           .way = text_of(event.fields, "way"),
                           .trusted = text_of(event.fields, "certificates") == "given",
                           .requirement = text_of(event.fields, "requirement"),
                           .version = text_of(event.fields, "version"),
                           .sha256 = text_of(event.fields, "payload"),
                           .size = count_of(event.fields, "bytes"),
                           .time = event.time});
        auto& offer = offers_.back();
        offer.sums = event.fields.contains("checksums")
                         ? text_of(event.fields, "checksums")
                         : "bound";  // of a run before they were told, as it was judged then
        if (event.fields.contains("covered")) offer.covered = flag_of(event.fields, "covered");
        offer.change = text_of(event.fields, "change");
    } else if (event.lane == "scenario" && event.kind == "operator-request" && !offers_.empty()) {
        auto& offer = offers_.back();
        if (count_of(event.fields, "bytes") == offer.size &&
            (count_of(event.fields, "status") != 0 || flag_of(event.fields, "delivered")))
            offer.uploaded = true;
    } else if (event.kind == "http-request" && event.fields.contains("offer")) {
        auto* offer = find(event);
        if (offer == nullptr) return;
        const bool clear = text_of(event.fields, "inside") != "tls";
        auto& count = text_of(event.fields, "update") == "list" ? offer->lists : offer->fetches;
        if (count++ == 0) (&count == &offer->lists ? offer->asked : offer->fetch_began) = event.time;
        if (clear && !offer->in_clear) offer->in_clear = event.time;
        (text_of(event.fields, "update") == "list" ? offer->server : offer->carrier) =
            text_of(event.fields, "host");
    } else if (event.lane == "scenario" && (event.kind == "update-cut" || event.kind == "offer-end")) {
        if (offers_.empty() || offers_.back().number != count_of(event.fields, "number")) return;
        if (event.kind == "update-cut")
            offers_.back().cut = event.time, offers_.back().cut_amid = text_of(event.fields, "by") != "time";
        else
            offers_.back().outcome = text_of(event.fields, "outcome");
    } else if ((event.kind == "tftp" || event.kind == "ftp-transfer") && event.fields.contains("offer")) {
        if (auto* offer = find(event); offer != nullptr) take_file(event, *offer);
    } else if (event.kind == "update-delivery") {
        auto* offer = find(event);
        if (offer == nullptr) return;
        offer->bytes = std::max(offer->bytes, count_of(event.fields, "bytes"));
        if (flag_of(event.fields, "whole") && !offer->whole)
            offer->whole = true, offer->delivered = event.time;
    }
}

}  // namespace cambench::analysis
