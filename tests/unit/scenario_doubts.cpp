#include "harness/documents/documents.hpp"
#include "tests/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace cambench;

namespace cambench::doubts_of_declarations {
namespace {

/// What `cambench check` says of a declaration with this inside, one line each.
std::string told(const std::string& inside, const std::string& attributes = "", bool* taken = nullptr) {
    const temporary::Folder folder;
    markup::Problems problems;
    const auto file =
        folder.write("d.xml", "<declaration vendor=\"V\" model=\"M\"" + attributes + ">" +
                                  (inside.find("<identity") == std::string::npos ? "<identity/>" : "") +
                                  inside + "</declaration>");
    const auto status = check_document(file, problems, {});
    if (taken != nullptr) *taken = status.ok();
    std::string text;
    for (const auto& problem : problems) text += problem.what + "; " + problem.better + "\n";
    return text;
}

struct Row {
    std::string inside, warning;
};

}  // namespace

TEST_CASE("a declaration that can hardly be meant is warned of, and taken", "[scenario]") {
    const std::vector<Row> rows{
        {R"(<destination name="a.v.example" port="443" transport="udp" protocol="https" purpose="p"/>)",
         "https is not spoken over UDP"},
        {R"(<destination name="a.v.example" port="1883" transport="udp" protocol="mqtt" purpose="p"/>)",
         "mqtt is not spoken over UDP"},
        {R"(<destination name="a.v.example" port="123" transport="tcp" protocol="ntp" purpose="p"/>)",
         "ntp is not spoken over TCP"},
        {R"(<destination name="a.v.example" transport="icmp" protocol="tls" purpose="p"/>)",
         "tls is not spoken over ICMP"},
        {R"(<service port="80" protocol="htp"/>)", "did you mean 'http'?"},
        {R"(<service port="3702" transport="tcp" protocol="ws-discovery"/>)", "not spoken over TCP"},
        {R"(<updates running="Firmware: .*"/>)", "no group"},
        {R"(<updates upload="PUSH /x"/>)", "no usual method of HTTP"},
        {R"(<cloud off="POTS /off" on="POST /on"/>)", "did you mean 'POST'?"},
        {R"(<network address="192.168.1.108" gateway="192.168.2.1"/>)", "192.168.1.108/24"},
        {R"(<identity soc=""/>)", "states nothing"},
        {R"(<unexplained check="no-literal-adresses"/>)", "did you mean 'no-literal-addresses'?"},
    };
    for (const auto& row : rows) {
        bool taken = false;
        const auto text = told(row.inside, "", &taken);
        INFO(row.inside << ": " << text);
        CHECK(text.find(row.warning) != std::string::npos);
        CHECK(taken);
    }
    CHECK(told("", " origin=\"Korea\"").find("ISO 3166-1") != std::string::npos);
}

TEST_CASE("a declaration is not warned of for what may well be meant", "[scenario]") {
    for (
        const auto* inside : {
            R"(<destination name="a.v.example" port="443" transport="udp" protocol="http3" purpose="p"/>)",
            R"(<destination name="a.v.example" port="443" protocol="https" purpose="p"/>)",
            R"(<destination name="a.v.example" port="53" transport="tcp" protocol="dns" purpose="p"/>)",
            R"(<destination name="a.v.example" port="5060" transport="udp" protocol="sip" purpose="p"/>)",
            R"(<destination name="a.v.example" port="5684" transport="udp" protocol="coaps" purpose="p"/>)",
            R"(<destination name="a.v.example" transport="icmp" protocol="ping" purpose="p"/>)",
            R"(<service port="554" transport="udp" protocol="rtsp"/>)",
            R"x(<updates running="Firmware: ([0-9.]+)" request="POST /update" upload="PUT /fw"/>)x",
            R"(<network address="192.168.1.108/24" gateway="192.168.1.1"/><network address="2001:db8:5::108" gateway="fe80::1"/>)",
            R"(<identity soc="X1"/><unexplained check="no-literal-addresses"/>)",
        }) {
        const auto text = told(inside, " origin=\"KR\"");
        INFO(inside << ": " << text);
        CHECK((text.empty() || text.find("unexplained") != std::string::npos));
    }
}

TEST_CASE("a request of an update that is none is an error at its place", "[scenario]") {
    for (const auto* inside : {R"(<updates request="update"/>)", R"(<updates upload="POST upload"/>)"}) {
        bool taken = true;
        CHECK(told(inside, "", &taken).find("is not a request") != std::string::npos);
        CHECK_FALSE(taken);
    }
}

}  // namespace cambench::doubts_of_declarations
