#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "harness/analysis/run/console_dialogue.hpp"
#include "harness/analysis/run/upgrades.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"
#include "harness/steps/operator_request.hpp"
#include "harness/steps/probe.hpp"
#include "harness/steps/unit_address.hpp"
#include "harness/steps/update_offers.hpp"

namespace cambench::steps::offer_update {
namespace {

constexpr auto look_every = std::chrono::milliseconds(25);
constexpr auto upload_patience = std::chrono::minutes(10);
constexpr auto silent_for = std::chrono::seconds(5);

enum class Outcome { quiet, refused, restarted, cut, dead };
std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::refused:
            return "refused";
        case Outcome::restarted:
            return "restarted";
        case Outcome::cut:
            return "cut";
        case Outcome::dead:
            return "dead";
        case Outcome::quiet:
            break;
    }
    return "quiet";
}

/// The firmware the offer is made of. Lives as long as the step.
struct Family {
    offers::Firmware newer;
    std::optional<offers::Firmware> older;
};

Result<Family> load_family(const markup::Node& node) {
    TRY_ASSIGN(auto newer, offers::load_firmware(node.path("package")));
    Family family{std::move(newer), {}};
    if (node.has("older")) {
        TRY_ASSIGN(family.older, offers::load_firmware(node.path("older")));
    }
    return family;
}

/// Where the package is kept among the run's contents.
std::filesystem::path package_of(const StepContext& context, const offers::Offer& offer) {
    return context.evidence() / "payloads" / sha256_of(offer.bytes);
}

Status keep(const StepContext& context, const offers::Offer& offer) {
    const auto place = package_of(context, offer);
    std::error_code code;
    std::filesystem::create_directories(place.parent_path(), code);
    std::ofstream file(place, std::ios::binary);
    file << as_text(offer.bytes) << std::flush;
    return file ? Status()
                : Status(bench_error("cannot keep the offered package in " + place.parent_path().string()));
}

/// Why the right answer to a genuine update is no, where it is; "" otherwise.
std::string objection(const markup::Node& node, const StepContext& context) {
    if (node.given("because")) return node.text("because");
    const bool asks =
        context.declaration() != nullptr && context.declaration()->updates.consent == "operator";
    return node.text("way") == "none" && asks ? "nobody consented to it" : "";
}

Status announce(const markup::Node& node, StepContext& context, const offers::Offer& offer,
                const offers::SigningKey* key) {
    auto& state = *context.offers();
    const auto now = std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
    Json routes = Json::array();
    for (const auto& server : state.servers)
        for (auto& route : offer_routes(server, offer, key, now)) routes.push_back(std::move(route));
    const auto objected = objection(node, context);
    context.emit("scenario", "offer",
                 {{"number", ++state.count},
                  {"offer", offer.kind->name},
                  {"genuine", offer.kind->genuine && objected.empty()},
                  {"objection", objected},
                  {"requirement", offer.kind->requirement},
                  {"way", node.text("way")},
                  {"certificates", state.trusted ? "given" : "bench"},
                  {"model", inert(offer.model)},
                  {"version", inert(offer.version)},
                  {"bytes", offer.bytes.size()},
                  {"payload", sha256_of(offer.bytes)},
                  {"checksums", std::string(offers::to_string(offer.sums))},
                  {"covered", offer.covered},
                  {"change", inert(offer.change)}});
    return context.slot().sandbox().command(
        {{"command", "offer"}, {"number", state.count}, {"routes", std::move(routes)}});
}

Status start_again(const markup::Node& node, StepContext& context) {
    TRY(context.pause(node.duration("off-for")));
    context.note_power_on();
    return context.slot().power_on();
}

Status restart(const markup::Node& node, StepContext& context) {
    TRY(context.slot().power_off());
    return start_again(node, context);
}

/// Whoever can reach the unit puts a card into it and starts it anew.
Status bring_on_card(const markup::Node& node, StepContext& context, const offers::Offer& offer) {
    TRY(context.slot().power_off());
    TRY_ASSIGN(const bool put, context.slot().put_card(package_of(context, offer)));
    context.emit("scenario", "operator-request",
                 {{"request", "a card with the package"},
                  {"bytes", put ? offer.bytes.size() : 0},
                  {"status", 0},
                  {"delivered", put},
                  {"answer", ""}});
    context.report_stimulus(
        node, put,
        put ? "a card with the package is in the unit" : "the unit is real: nobody put a card into it");
    return start_again(node, context);
}

/// A recorder or the maker's tool brings the package by ONVIF.
Status bring_by_onvif(const markup::Node& node, StepContext& context, const offers::Offer& offer) {
    if (!context.camera_address())
        return dut_error("the camera has no address yet; await its lease before bringing it firmware");
    TRY_ASSIGN(const auto done,
               ask_probe(context, {"upgrade", "onvif", *context.camera_address()}, operator_wishes(context),
                         upload_patience, package_of(context, offer)));
    const auto calls = done.value("calls", Json::array());
    const bool carried = calls.size() == 2;
    const auto last = carried ? calls.back() : Json::array({"", 0});
    const auto why = done.value("why", "");
    const bool arrived = done.value("delivered", false);  // who starts anew at once gives no answer
    context.emit("scenario", "operator-request",
                 {{"request", "ONVIF " + last.at(0).get<std::string>()},
                  {"bytes", carried ? offer.bytes.size() : 0},
                  {"status", last.at(1)},
                  {"delivered", arrived},
                  {"answer", inert(why)}});
    const int status = last.at(1).get<int>();
    context.report_stimulus(node, carried && (status != 0 || arrived) && status != 401 && status != 404, why);
    return {};
}

/// Anybody on the camera's network brings the package to what listens there and is not in the declaration.
Status bring_to_ports(const markup::Node& node, StepContext& context, const offers::Offer& offer) {
    if (context.declaration() == nullptr)
        return usage_error(
            "way=\"ports\" needs a declaration, which says which services are the camera's own");
    if (!context.camera_address())
        return dut_error("the camera has no address yet; await its lease before bringing it firmware");
    auto known = Json::array();
    for (const auto& service : context.declaration()->services)
        if (service.transport == Transport::tcp) known.push_back(service.port);
    TRY_ASSIGN(const auto done,
               ask_probe(context, {"upgrade", "ports", *context.camera_address()}, {{"known_ports", known}},
                         upload_patience, package_of(context, offer)));
    const auto why = done.value("why", "");
    std::vector<std::string> calls;
    int status = 0;
    for (const auto& call : done.value("calls", Json::array())) {
        calls.push_back(call.at(0).get<std::string>());
        status = std::max(status, call.at(1).get<int>());
    }
    // One event: which of the ports took it, the answer says.
    if (!calls.empty())
        context.emit("scenario", "operator-request",
                     {{"request", join(calls, ", ")},
                      {"bytes", offer.bytes.size()},
                      {"status", status},
                      {"delivered", done.value("delivered", false)},
                      {"answer", inert(why)}});
    context.report_stimulus(node, done.value("succeeded", false), why);
    return {};
}

/// The operator agrees, or brings the package himself.
Status agree(const markup::Node& node, StepContext& context, const offers::Offer& offer) {
    if (node.text("way") == "onvif") return bring_by_onvif(node, context, offer);
    if (node.text("way") == "ports") return bring_to_ports(node, context, offer);
    const auto updates = context.declaration() ? context.declaration()->updates : Declaration::Updates{};
    const bool carried = node.text("way") == "upload";
    const auto request = carried                         ? updates.upload
                         : node.text("way") == "request" ? updates.request
                                                         : std::string();
    if (request.empty())
        return carried ? Status(usage_error("the declaration does not say where a package is uploaded: "
                                            "<updates upload=\"POST /path\"/>"))
                       : Status();
    TRY_ASSIGN(const auto answer,
               ask_as_operator(context, request,
                               carried ? "application/octet-stream" : "application/x-www-form-urlencoded",
                               carried ? std::string(as_text(offer.bytes)) : std::string()));
    const bool heard =
        carried ? answer.trouble.empty() && answer.status != 401 && answer.status != 404 : answer.agreed();
    context.report_stimulus(node, heard,
                            heard ? "the camera took the operator's request" : answer.objection());
    return {};
}

Result<bool> shows(StepContext& context, const std::string& pattern, std::uint64_t from, Nanoseconds within) {
    auto line = context.await_console(pattern, from, within);
    if (line) return true;
    if (line.error().fault == Fault::timeout) return false;
    return std::move(line).error();
}

/// Whether the unit is up again after a start; its address is noted. Many consoles never prompt: an address,
/// and nothing more to say, is as good.
Result<bool> comes_up(const markup::Node& node, StepContext& context, std::uint64_t from,
                      Timeline::Mark mark) {
    const auto within = node.duration("boot-within");
    const auto deadline = Deadline::after(within);
    const StepContext::PowerOn since{mark, from, context.here().time};
    context.slot().addresses().begin_start(since.time);
    AddressWatch watch(context, since, std::min<Nanoseconds>(usual_static_after, within / 2), is_new_lease);
    auto said = context.slot().console().end();
    auto silent = Deadline::after(silent_for);
    bool reachable = false;
    while (!deadline.passed() && !(reachable && silent.passed())) {
        TRY_ASSIGN(const bool up, shows(context, analysis::userland_words, from, look_every));
        if (up && !reachable) {
            const auto how = await_address(context, watch, within);
            if (!how && how.error().fault != Fault::dut) return how.error();
        }
        if (up) return true;
        if (!reachable) {
            TRY_ASSIGN(const auto how, watch.look());
            reachable = how.has_value();
        }
        const auto heard = context.slot().console().end();
        if (std::exchange(said, heard) != heard) silent = Deadline::after(silent_for);
    }
    return reachable;
}

/// The moment for the power cut has come, if the step wants one.
Result<bool> cut_is_due(const markup::Node& node, StepContext& context, std::uint64_t from,
                        Timeline::Mark mark) {
    if (node.given("cut-on")) {
        auto line = context.await_console(node.text("cut-on"), from, look_every);
        if (line) return true;
        if (line.error().fault != Fault::timeout) return std::move(line).error();
    }
    if (!node.given("cut-at")) return false;
    const auto far_enough = [&](const Event& event) {
        return event.kind == "update-delivery" &&
               event.fields.value("bytes", 0ULL) * 100 >=
                   event.fields.value("of", 1ULL) * static_cast<std::uint64_t>(node.integer("cut-at"));
    };
    auto delivery = context.await_event(far_enough, mark, look_every);
    if (delivery) return true;
    if (delivery.error().fault != Fault::timeout) return std::move(delivery).error();
    return false;
}

Result<Outcome> cut(const markup::Node& node, StepContext& context) {
    context.emit("scenario", "update-cut",
                 {{"number", context.offers()->count},
                  {"by", node.given("cut-after") ? "time"
                         : node.given("cut-on")  ? "line"
                                                 : "share"}});
    const auto mark = context.timeline().mark();
    TRY(restart(node, context));
    TRY_ASSIGN(const bool up, comes_up(node, context, context.power_on().console_offset, mark));
    return up ? Outcome::cut : Outcome::dead;
}

/// Whether the camera has asked for this offer: a refusal said before that belongs to the one before. Of
/// servers it has no reason to trust it asks nothing.
Result<bool> has_asked(const markup::Node& node, StepContext& context, Timeline::Mark mark) {
    if (node.text("way") != "request" || !context.offers()->trusted) return true;
    const auto number = context.offers()->count;
    auto request = context.await_event(
        [&](const Event& event) {
            return event.lane == "network" && event.fields.value("offer", 0ULL) == number;
        },
        mark, look_every);
    if (request) return true;
    if (request.error().fault != Fault::timeout) return std::move(request).error();
    return false;
}

/// A unit may have more to say of the offer before: a refusal in two lines, a farewell. Bounded, since some
/// never fall silent.
Status await_silence(StepContext& context) {
    constexpr Nanoseconds silence = std::chrono::seconds(1), longest = std::chrono::seconds(4);
    if (context.offers()->count == 0) return {};
    const auto deadline = Deadline::after(longest);
    auto said = context.slot().console().end();
    for (auto silent = Deadline::after(silence); !deadline.passed() && !silent.passed();) {
        TRY(context.pause(look_every));
        const auto now = context.slot().console().end();
        if (std::exchange(said, now) != now) silent = Deadline::after(silence);
    }
    return {};
}

/// The power is cut so long after the offer, whatever the camera is at then.
Result<Outcome> cut_after(const markup::Node& node, StepContext& context) {
    TRY(context.pause(node.duration("cut-after")));
    return cut(node, context);
}

/// The camera has made up its mind: it says so, or starts anew; or its power is cut before.
Result<Outcome> await_outcome(const markup::Node& node, StepContext& context, std::uint64_t from,
                              Timeline::Mark mark) {
    const auto refused = context.declaration() ? context.declaration()->updates.refused : std::string();
    const auto deadline = Deadline::after(node.duration("within"));
    const bool brought = analysis::is_brought(node.text("way"));
    auto asked_from = from;  // what was said before the unit asked is of the offer before
    bool asked = false;
    while (!deadline.passed()) {
        const auto before_looking = context.slot().console().end();
        TRY_ASSIGN(const bool due, cut_is_due(node, context, from, mark));
        if (due) return cut(node, context);
        TRY_ASSIGN(const bool again, shows(context, analysis::start_words, from, look_every));
        if (again) {
            TRY_ASSIGN(const bool up, comes_up(node, context, from, mark));
            return up ? Outcome::restarted : Outcome::dead;
        }
        if (refused.empty()) continue;
        if (!asked) {
            TRY_ASSIGN(asked, has_asked(node, context, mark));
            if (!asked && !brought) asked_from = before_looking;
        }
        if (!asked) continue;
        TRY_ASSIGN(const bool said, shows(context, refused, asked_from, look_every));
        if (said) return Outcome::refused;
    }
    return Outcome::quiet;
}

/// What the vendor's list calls the package: the document says it, or a server that was learned of the same
/// package.
std::string stated_version(const markup::Node& node, StepContext& context, const offers::Firmware& newer) {
    if (node.given("version")) return node.text("version");
    const auto digest = sha256_of(newer.bytes);
    for (const auto& server : context.offers()->servers)
        if (server.learned && server.learned->sha256 == digest) return server.learned->version;
    return "";
}

/// A list learned from a recording is as old as it is; nothing in it can be made out of date.
Status can_be_offered(const markup::Node& node, StepContext& context) {
    const auto& servers = context.offers()->servers;
    const bool learned = std::any_of(servers.begin(), servers.end(),
                                     [](const auto& server) { return server.learned.has_value(); });
    if (learned && node.text("offer") == "stale-list")
        return usage_error(
            "offer stale-list: a learned server's list says what it said in the recording, whatever the "
            "time");
    return {};
}

Status run(const markup::Node& node, StepContext& context) {
    const auto way = node.text("way");
    if (context.offers() == nullptr || (context.offers()->servers.empty() && !analysis::is_brought(way)))
        return usage_error("nobody would offer the update: the scenario's <internet> has no <update>");
    TRY(can_be_offered(node, context));
    TRY_ASSIGN(const auto family, load_family(node));
    const offers::Ancestors ancestors{&family.newer, family.older ? &*family.older : nullptr,
                                      node.text("running"), stated_version(node, context, family.newer),
                                      node.text("older-version")};
    TRY_ASSIGN(const auto offer, offers::make_offer(node.text("offer"), ancestors));
    TRY(keep(context, offer));
    TRY(await_silence(context));
    const auto from = context.slot().console().end();
    const auto mark = context.timeline().mark();
    TRY(announce(node, context, offer, family.newer.key ? &*family.newer.key : nullptr));
    if (way == "restart") TRY(restart(node, context));
    if (way == "card") TRY(bring_on_card(node, context, offer));
    TRY(agree(node, context, offer));
    TRY_ASSIGN(const auto outcome,
               node.given("cut-after") ? cut_after(node, context) : await_outcome(node, context, from, mark));
    if (node.given("cut-at") || node.given("cut-on"))
        context.report_stimulus(node, outcome == Outcome::cut || outcome == Outcome::dead,
                                outcome == Outcome::cut || outcome == Outcome::dead
                                    ? "the power was cut"
                                    : "the moment for the power cut did not come");
    if (way == "card") {
        TRY_ASSIGN([[maybe_unused]] const bool taken_out, context.slot().put_card({}));
    }
    if (outcome != Outcome::refused && outcome != Outcome::quiet) TRY(context.pause(node.duration("settle")));
    context.emit("scenario", "offer-end",
                 {{"number", context.offers()->count}, {"outcome", std::string(to_string(outcome))}});
    return {};
}

std::vector<std::string> kinds() {
    std::vector<std::string> names;
    for (const auto& kind : offers::offer_kinds()) names.push_back(kind.name);
    return names;
}

}  // namespace

const StepType& type() {
    using markup::Kind;
    static const StepType type{
        .element = {.name = "offer-update",
                    .doc = "Offers firmware at the <update> servers of the <internet>, genuine or not, and "
                           "waits for what the camera makes of it.",
                    .attributes =
                        {{.name = "offer",
                          .kind = Kind::choice,
                          .doc = "What is offered; 'cambench offers' tells of each.",
                          .required = true,
                          .choices = kinds()},
                         {.name = "package",
                          .kind = Kind::path,
                          .doc = "The genuine update: the vendor's file, or a <firmware> description of the "
                                 "sample product.",
                          .required = true},
                         {.name = "older",
                          .kind = Kind::path,
                          .doc = "A genuine package older than what runs; some offers are made of it."},
                         {.name = "version",
                          .doc = "What the vendor and the camera's console call the update, where its bytes "
                                 "(and a learned server) do not tell."},
                         {.name = "older-version", .doc = "What they call the older package."},
                         {.name = "running",
                          .kind = Kind::word,
                          .doc = "The version that runs, for the offer 'same'."},
                         {.name = "way",
                          .kind = Kind::choice,
                          .doc =
                              "request: the operator agrees as the declaration says; upload: he brings the "
                              "package himself; "
                              "onvif: he brings it by ONVIF; card: he puts it into the unit on a memory card "
                              "and starts it anew; "
                              "ports: anybody brings it to every TCP port that listens and is not declared; "
                              "restart: the camera is started anew and may look for recovery firmware; "
                              "none: the camera is left alone.",
                          .fallback = "request",
                          .choices = {"request", "upload", "onvif", "card", "ports", "restart", "none"}},
                         {.name = "because",
                          .doc = "Why a genuine update has to be refused here, such as 'the server has no "
                                 "certificate of the vendor'."},
                         {.name = "cut-at",
                          .kind = Kind::integer,
                          .doc = "Cuts the power when so many per cent of the package are on their way."},
                         {.name = "cut-on",
                          .kind = Kind::pattern,
                          .doc = "Cuts the power at a line of the console."},
                         {.name = "cut-after",
                          .kind = Kind::duration,
                          .doc = "Cuts the power so long after the offer, whatever the camera is at then."},
                         {.name = "off-for",
                          .kind = Kind::duration,
                          .doc = "How long the power is off then, or with way=\"restart\".",
                          .fallback = "2s"},
                         {.name = "within",
                          .kind = Kind::duration,
                          .doc = "How long the camera may take to begin or refuse the update.",
                          .fallback = "60s"},
                         {.name = "boot-within",
                          .kind = Kind::duration,
                          .doc = "How long a boot may take.",
                          .fallback = "120s"},
                         {.name = "settle",
                          .kind = Kind::duration,
                          .doc = "How long it is left alone after a start.",
                          .fallback = "2s"}}},
        .acts = StepType::Acts::unit,
        .power = StepType::Power::needed,
        .run = run};
    return type;
}

}  // namespace cambench::steps::offer_update
