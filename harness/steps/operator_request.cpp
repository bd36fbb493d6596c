#include "harness/steps/operator_request.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "harness/core/launch/process.hpp"
#include "harness/core/text.hpp"
#include "harness/learned/login_template.hpp"
#include "harness/steps/probe.hpp"

namespace cambench {
namespace {

constexpr auto request_patience = std::chrono::seconds(15);
constexpr std::size_t longest_kept_answer = 4096, longest_shown_answer = 200, longest_head = 65536;
/// The descriptors curl finds its settings at, and leaves the answer's headers at.
constexpr int settings_descriptor = 3, head_descriptor = 4;

struct Request {
    std::string method, path, type;
    const std::string& body;
};

Result<Request> parse_request(std::string_view text, const std::string& type, const std::string& body) {
    const auto blank = text.find(' ');
    if (blank == std::string_view::npos || blank == 0 || text.substr(blank + 1).substr(0, 1) != "/")
        return usage_error(fmt::format("'{}' is not a request; write it as POST /path", text));
    return Request{std::string(text.substr(0, blank)), std::string(text.substr(blank + 1)), type, body};
}

/// A value in curl's settings.
std::string for_curl(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c != '\r' && c != '\n') out += c;
    }
    return out + "\"\n";
}

/// How the operator shows who he is. Settings, not arguments: those any user of the host can read.
std::string settings_of(const Declaration::Operator& access, const std::string& headers, bool by_http) {
    std::string settings;
    if (by_http && !access.user.empty())
        settings += "anyauth\nuser = " + for_curl(access.user + ":" + access.password);
    for (const auto& line : split(headers, '\n')) settings += "header = " + for_curl(trim(line));
    return settings;
}

Launch curl(StepContext& context, const Request& request, const CameraPlaces& places, int settings,
            int head) {
    auto host = camera_host(context);
    if (const auto zone = host.find('%'); zone != std::string::npos) host.insert(zone + 1, "25");  // RFC 6874
    const auto base = fmt::format("{}://{}:{}", places.web_tls ? "https" : "http", host, places.web_port);
    auto launch = context.slot().sandbox().inside({"curl",
                                                   "--disable",
                                                   "--silent",
                                                   "--config",
                                                   fmt::format("/dev/fd/{}", settings_descriptor),
                                                   "--dump-header",
                                                   fmt::format("/dev/fd/{}", head_descriptor),
                                                   "--noproxy",
                                                   "*",
                                                   "--globoff",
                                                   "--path-as-is",
                                                   "--insecure",
                                                   "--max-time",
                                                   "12",
                                                   "--request",
                                                   request.method,
                                                   "--header",
                                                   "Content-Type: " + request.type,
                                                   "--header",
                                                   "Expect:",
                                                   "--data-binary",
                                                   "@-",
                                                   base + request.path});
    launch.descriptors = {{settings, settings_descriptor}, {head, head_descriptor}};
    return launch;
}

/// The last of several heads: what came before it was a challenge.
std::string last_head(int descriptor) {
    std::string text(longest_head, '\0');
    const auto count = ::pread(descriptor, text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    const auto end = text.rfind("\r\n\r\n");
    if (end == std::string::npos) return "";
    const auto before = end == 0 ? std::string::npos : text.rfind("\r\n\r\n", end - 1);
    return text.substr(before == std::string::npos ? 0 : before + 4,
                       end + 4 - (before == std::string::npos ? 0 : before + 4));
}

Result<probe::WebAnswer> exchange(StepContext& context, const Request& request, const std::string& settings) {
    const FileHandle given(::memfd_create("settings", MFD_CLOEXEC)),
        head(::memfd_create("head", MFD_CLOEXEC));
    if (!given.valid() || !head.valid()) return system_error("ask the camera", errno);
    TRY(write_all(given.get(), as_bytes(settings), "settings of curl"));
    TRY_ASSIGN(const auto places, find_camera(context, "page"));
    TRY_ASSIGN(auto output, context.run_command(curl(context, request, places, given.get(), head.get()),
                                                request.body, request_patience));
    if (output.exit_code == 127) return bench_error("curl cannot be started; apt-get install curl");
    return probe::WebAnswer{last_head(head.get()), std::move(output.text)};
}

/// One scenario's operator before his camera.
class Operator {
public:
    explicit Operator(StepContext& context)
        : context_(context),
          access_(context.declaration() ? context.declaration()->operator_access : Declaration::Operator{}),
          login_(declared_login(context.declaration())) {}

    Result<OperatorAnswer> ask(const Request& request) {
        if (login_.path.empty()) return by_http(request);
        auto& session = context_.operator_session();
        const bool known_before = session.web.has_value();
        if (!known_before) {
            TRY_ASSIGN(const auto trouble, log_in());
            if (!trouble.empty()) return OperatorAnswer{0, "", trouble};
        }
        TRY_ASSIGN(auto answer, send(request));
        if (known_before && probe::is_over(login_, answer)) {
            TRY_ASSIGN(const auto trouble, log_in());
            if (!trouble.empty()) return OperatorAnswer{0, "", "the session had run out, and " + trouble};
            TRY_ASSIGN(answer, send(request));
        }
        if (answer.status() == 401 &&
            !session.by_http) {  // a page with a form, and beside it requests that want HTTP's own login
            session.by_http = true;
            TRY_ASSIGN(answer, send(request));
        }
        const bool unknown =
            answer.status() != 403 && probe::is_over(login_, answer);  // 403: known, and not allowed to
        return OperatorAnswer{
            answer.status(), readable(answer.body),
            unknown
                ? fmt::format(
                      "the camera asks for a login again (status {}) though the login has just worked ({})",
                      answer.status(), where())
                : ""};
    }

private:
    Result<OperatorAnswer> by_http(const Request& request) {
        TRY_ASSIGN(const auto answer, exchange(context_, request, settings_of(access_, "", true)));
        return OperatorAnswer{answer.status(), readable(answer.body), ""};
    }

    Result<probe::WebAnswer> send(const Request& request) {
        auto& session = context_.operator_session();
        TRY_ASSIGN(auto answer, exchange(context_, request,
                                         settings_of(access_, probe::session_headers(login_, *session.web),
                                                     session.by_http)));
        probe::keep_cookies(*session.web, answer.head);
        return answer;
    }

    /// Why it did not work; "" when it did.
    Result<std::string> log_in() {
        auto& session = context_.operator_session();
        session = {};
        const auto body = filled_in(login_.body, login_.type, access_.user, access_.password);
        const Request request{login_.method,
                              filled_in(login_.path, form_type, access_.user, access_.password), login_.type,
                              body};
        TRY_ASSIGN(const auto answer, exchange(context_, request, ""));
        auto result = probe::judge_login(login_, answer);
        const bool took = result.session.has_value();
        context_.emit("scenario", "operator-login",
                      {{"request", access_.login.request},
                       {"status", answer.status()},
                       {"took", took},
                       {"why", result.why}});
        session.web = std::move(result.session);
        return took ? "" : fmt::format("the operator could not log in ({}): {}", where(), result.why);
    }

    /// Where the login is declared.
    [[nodiscard]] std::string where() const {
        return fmt::format("{}, declared in {}:{}", access_.login.request,
                           std::filesystem::path(context_.declaration()->file).filename().string(),
                           access_.line);
    }

    [[nodiscard]] std::string readable(std::string_view body) const {
        return probe::without_secrets(std::string(body.substr(0, longest_kept_answer)),
                                      context_.operator_session().web.value_or(probe::WebSession{}),
                                      access_.password);
    }

    StepContext& context_;
    const Declaration::Operator access_;
    const probe::WebLogin login_;
};

}  // namespace

std::string OperatorAnswer::objection() const {
    if (!trouble.empty()) return trouble;
    return status == 0 ? "the camera did not answer the operator's request"
                       : fmt::format("the camera answered the operator's request with status {}", status);
}

probe::WebLogin declared_login(const Declaration* declaration) {
    if (declaration == nullptr) return {};
    const auto& access = declaration->operator_access;
    const auto words = split(access.login.request, ' ');
    if (words.size() != 2) return {};
    return {.method = words[0],
            .path = words[1],
            .body = access.login.body,
            .type = access.login.type,
            .good = access.login_good,
            .token = access.session_token,
            .header = access.session_token.empty() ? "" : access.session_header,
            .over = access.session_over};
}

Result<OperatorAnswer> ask_as_operator(StepContext& context, const std::string& text, const std::string& type,
                                       const std::string& body) {
    TRY_ASSIGN(const auto request, parse_request(text, type, body));
    if (!context.camera_address())
        return dut_error("the camera has no address yet; await its lease before asking it");
    TRY_ASSIGN(auto answer, Operator(context).ask(request));
    context.emit("scenario", "operator-request",
                 {{"request", text},
                  {"bytes", body.size()},
                  {"status", answer.status},
                  {"answer", inert(answer.body.substr(0, longest_shown_answer))}});
    return answer;
}

}  // namespace cambench
