#include "harness/scenario/operator_request.hpp"

#include <fmt/format.h>

#include <charconv>

#include "harness/core/process.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr auto request_patience = std::chrono::seconds(15);
constexpr std::size_t longest_kept_answer = 4096;
/// Ends what curl prints, so that the status is found behind any body.
constexpr std::string_view status_mark = "\ncambench-status:";

struct Request {
    std::string method, path;
};

Result<Request> parse_request(std::string_view text) {
    const auto blank = text.find(' ');
    if (blank == std::string_view::npos || blank == 0 || text.substr(blank + 1).substr(0, 1) != "/")
        return usage_error(fmt::format("'{}' is not a request; write it as POST /path", text));
    return Request{std::string(text.substr(0, blank)), std::string(text.substr(blank + 1))};
}

Launch curl(StepContext& context, const Request& request, const std::string& type) {
    const auto access = context.declaration() ? context.declaration()->operator_access : Declaration::Operator{};
    const auto address = context.camera_address().value_or("");
    const auto host = address.find(':') == std::string::npos ? address : "[" + address + "]";
    Launch launch;
    launch.command = {"curl", "--silent", "--disable", "--noproxy", "*", "--globoff", "--path-as-is", "--max-time", "12", "--request", request.method, "--header",
                      "Content-Type: " + type, "--header", "Expect:", "--data-binary", "@-", "--write-out", std::string(status_mark) + "%{http_code}"};
    if (!access.user.empty()) launch.command.insert(launch.command.end(), {"--anyauth", "--user", access.user + ":" + access.password});
    launch.command.push_back("http://" + host + request.path);
    launch.network_namespace = context.slot().sandbox().network_namespace();
    launch.user_namespace = context.slot().sandbox().user_namespace();
    return launch;
}

}  // namespace

Result<OperatorAnswer> ask_as_operator(StepContext& context, const std::string& text, const std::string& type, const std::string& body) {
    TRY_ASSIGN(const auto request, parse_request(text));
    if (!context.camera_address()) return dut_error("the camera has no address yet; await its lease before asking it");
    TRY_ASSIGN(const auto output, run_command(curl(context, request, type), body, Deadline::after(request_patience)));
    if (output.exit_code == 127) return bench_error("curl cannot be started; apt-get install curl");
    OperatorAnswer answer{0, output.text};
    if (const auto mark = output.text.rfind(status_mark); mark != std::string::npos) {
        const auto digits = std::string_view(output.text).substr(mark + status_mark.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), answer.status);
        answer.body.resize(mark);
    }
    answer.body.resize(std::min(answer.body.size(), longest_kept_answer));
    context.emit("scenario", "operator-request", {{"request", text}, {"bytes", body.size()}, {"status", answer.status}, {"answer", inert(answer.body.substr(0, 200))}});
    return answer;
}

}  // namespace cambench
