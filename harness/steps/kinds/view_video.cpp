#include <fcntl.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "harness/core/json.hpp"
#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"
#include "harness/steps/probe.hpp"

namespace cambench::steps::view_video {
namespace {

/// Cameras lock out who knocks too often with an account that is not theirs.
constexpr int most_refusals = 3;
constexpr Nanoseconds shortest_pause = std::chrono::milliseconds(500),
                      longest_pause = std::chrono::seconds(4);

/// The step's own words first, then the declaration's. CAMERA becomes the camera's address.
std::string stream_url(const markup::Node& node, StepContext& context, std::uint16_t port) {
    const auto access =
        context.declaration() ? context.declaration()->operator_access : Declaration::Operator{};
    auto url = node.given("url")
                   ? node.text("url")
                   : fmt::format("rtsp://CAMERA:{}", port) + (access.stream.empty() ? "/" : access.stream);
    if (const auto place = url.find("CAMERA"); place != std::string::npos)
        url.replace(place, 6, camera_host(context));
    const auto user = node.given("user") ? node.text("user") : access.user;
    const auto password = node.given("user") ? node.text("password") : access.password;
    const auto scheme = url.find("://");
    if (!user.empty() && scheme != std::string::npos)
        url.insert(scheme + 3, fmt::format("{}:{}@", user, password));
    return url;
}

/// The viewer writes where it is let: it does not name files. Of those it had no picture for, nothing stays.
class Pictures {
public:
    explicit Pictures(const std::filesystem::path& folder) {
        for (const auto* name : {"first.png", "last.png"}) {
            places_.push_back(folder / name);
            files_.emplace_back(
                ::open(places_.back().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        }
    }
    ~Pictures() {
        std::error_code code;
        for (const auto& place : places_)
            if (std::filesystem::is_empty(place, code) && !code) std::filesystem::remove(place, code);
    }
    Pictures(const Pictures&) = delete;
    Pictures& operator=(const Pictures&) = delete;

    [[nodiscard]] bool open() const { return files_[0].valid() && files_[1].valid(); }
    [[nodiscard]] std::vector<std::pair<int, int>> descriptors() const {
        return {{files_[0].get(), 3}, {files_[1].get(), 4}};
    }

private:
    std::vector<std::filesystem::path> places_;
    std::vector<FileHandle> files_;
};

Launch viewer(StepContext& context, const std::string& url, Nanoseconds duration, const Pictures& pictures) {
    const auto seconds = fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e9);
    auto launch =
        context.slot().sandbox().inside({companion_program("cambench-viewer").string(), url, seconds});
    launch.descriptors = pictures.descriptors();
    return launch;
}

/// What libavformat says on standard error of RTSP and of HTTP.
bool asks_for_login(const std::string& text) {
    static const RE2 pattern(R"((?i)(failed|returned|error|status):? 40[137]\b)");
    return RE2::PartialMatch(text, pattern);
}

bool names_account(const std::string& url) {
    const auto host = url.find("://");
    return host != std::string::npos && url.substr(0, url.find('/', host + 3)).find('@') != std::string::npos;
}

Json parse_last_line(const std::string& text) {
    const auto lines = split(text, '\n');
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        auto json = parse_json(*line);
        if (json.is_object()) return json;
    }
    return Json{{"opened", false}, {"frames", 0}};
}

/// One look; frames == 0 when the camera did not show anything.
Result<Json> look(const markup::Node& node, StepContext& context) {
    const auto folder = context.evidence() / "video" / fmt::format("{}", context.next_number());
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    CameraPlaces places;
    if (!node.given("url")) {
        TRY_ASSIGN(places, find_camera(context, "stream"));
    }
    const auto url = stream_url(node, context, places.rtsp_port);
    const auto patience = node.duration("for") + std::chrono::seconds(20);
    const Pictures pictures(folder);
    if (!pictures.open()) return bench_error("cannot keep pictures in " + folder.string());
    TRY_ASSIGN(const auto output,
               context.run_command(viewer(context, url, node.duration("for"), pictures), "", patience));
    if (output.exit_code > 2)
        return bench_error(fmt::format("the viewer failed ({}): {}", output.exit_code,
                                       inert(join(split(trim(output.text), '\n'), "; "))));
    auto json = parse_last_line(output.text);
    json["login"] = asks_for_login(output.text) ? "asked" : "";
    json["account"] = names_account(url);
    json["folder"] = std::filesystem::relative(folder, context.evidence()).string();
    return json;
}

Status run(const markup::Node& node, StepContext& context) {
    if (!context.camera_address() &&
        (!node.given("url") || node.text("url").find("CAMERA") != std::string::npos))
        return dut_error("the camera has no address yet; await its lease before looking at its video");
    const auto deadline = Deadline::after(node.duration("within"));
    int refusals = 0;
    for (Nanoseconds apart = shortest_pause;; apart = std::min<Nanoseconds>(apart * 2, longest_pause)) {
        TRY_ASSIGN(auto seen, look(node, context));
        if (seen.value("login", "") == "asked") ++refusals;
        if (seen.value("frames", 0) > 0 || refusals == most_refusals || deadline.passed()) {
            context.emit("scenario", "video", std::move(seen));
            return {};
        }
        TRY(context.pause(apart));
    }
}

}  // namespace

const StepType& type() {
    static const StepType type{
        .element =
            {.name = "view-video",
             .doc =
                 "Looks at the camera's stream as an operator would; decoded pictures are kept as evidence.",
             .attributes =
                 {{.name = "url",
                   .doc = "The stream; CAMERA stands for the camera's address. Without it the declared path "
                          "at the port where the stream is found."},
                  {.name = "for",
                   .kind = markup::Kind::duration,
                   .doc = "How long to look.",
                   .fallback = "3s"},
                  {.name = "within",
                   .kind = markup::Kind::duration,
                   .doc = "How long the camera may take to show something.",
                   .fallback = "20s"},
                  {.name = "user",
                   .doc =
                       "The user name, where the stream asks for one; the declared operator's when absent."},
                  {.name = "password", .doc = "The password."}}},
        .acts = StepType::Acts::around,
        .power = StepType::Power::needed,
        .address = StepType::Address::needed,
        .takes = [](const markup::Node& node) { return node.duration("for"); },
        .run = run};
    return type;
}

}  // namespace cambench::steps::view_video
