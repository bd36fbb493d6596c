#include <queue>

#include "drivers/console/rfc2217.hpp"
#include "drivers/console/rfc2217_protocol.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
}

/// What remains of a server's bytes as data.
std::string received(Rfc2217Protocol& protocol, std::string text) {
    text.resize(protocol.receive(std::as_writable_bytes(std::span(text.data(), text.size()))));
    return text;
}

std::string answers(Rfc2217Protocol& protocol) { return std::string(as_text(protocol.take_answers())); }

const auto accepts = bytes({255, 253, 44});
const auto rate_115200 = bytes({255, 250, 44, 101, 0, 1, 0xc2, 0, 255, 240});

/// A console server that plays its part and records ours.
class Server final : public Console {
public:
    struct Script {
        std::queue<std::string> says;
        std::string heard;
    };
    explicit Server(std::shared_ptr<Script> script) : script_(std::move(script)) {}
    Result<Reading> read(std::span<std::byte> into, Deadline) override {
        if (!opened_) {
            opened_ = true;
            return Reading{Reading::Kind::opened, 0};
        }
        if (script_->says.empty()) return Reading{};
        const auto text = script_->says.front();
        script_->says.pop();
        if (text == "hang up") return Reading{Reading::Kind::closed, 0};
        std::copy_n(as_bytes(text).begin(), text.size(), into.begin());
        return Reading{Reading::Kind::data, text.size()};
    }
    Status write(ByteView sent) override {
        script_->heard += as_text(sent);
        return {};
    }

private:
    std::shared_ptr<Script> script_;
    bool opened_ = false;
};

}  // namespace

TEST_CASE("plain bytes pass and doubled IAC is one byte, wherever the pieces end") {
    Rfc2217Protocol protocol(115200);
    (void)protocol.begin();
    CHECK(received(protocol, "boot\xff") == "boot");
    CHECK(received(protocol, "\xff log") == "\xff log");
    CHECK(received(protocol, bytes({'a', 255, 241, 'b'})) == "ab");
    CHECK(as_text(Rfc2217Protocol::escape(as_bytes("a\xff"))) == "a\xff\xff");
}

TEST_CASE(
    "when the server takes the option it is told rate, framing, no flow control and quiet modem lines") {
    Rfc2217Protocol protocol(57600);
    (void)protocol.begin();
    CHECK(received(protocol, accepts).empty());
    CHECK(protocol.accepted() == true);
    const auto told = answers(protocol);
    CHECK(told.find(bytes({255, 250, 44, 1, 0, 0, 0xe1, 0, 255, 240})) != std::string::npos);
    CHECK(told.find(bytes({255, 250, 44, 2, 8, 255, 240})) != std::string::npos);
    CHECK(told.find(bytes({255, 250, 44, 3, 1, 255, 240})) != std::string::npos);
    CHECK(told.find(bytes({255, 250, 44, 4, 1, 255, 240})) != std::string::npos);
    CHECK(told.find(bytes({255, 250, 44, 5, 1, 255, 240})) != std::string::npos);
    CHECK(told.find(bytes({255, 250, 44, 5, 9, 255, 240})) != std::string::npos);
    CHECK(told.find(bytes({255, 250, 44, 5, 12, 255, 240})) != std::string::npos);
}

TEST_CASE("a rate with a byte 255 is escaped in the request and in the answer") {
    Rfc2217Protocol protocol(0xff00);
    (void)protocol.begin();
    (void)received(protocol, accepts);
    CHECK(answers(protocol).find(bytes({255, 250, 44, 1, 0, 0, 255, 255, 0, 255, 240})) != std::string::npos);
    (void)received(protocol, bytes({255, 250, 44, 101, 0, 0, 255, 255, 0, 255, 240}));
    CHECK(protocol.baud() == 0xff00U);
}

TEST_CASE("options nobody asked for are refused, and a repeated agreement starts no quarrel") {
    Rfc2217Protocol protocol(115200);
    (void)protocol.begin();
    (void)received(protocol, bytes({255, 253, 24, 255, 251, 39}));
    CHECK(answers(protocol) == bytes({255, 252, 24, 255, 254, 39}));
    (void)received(protocol, accepts);
    (void)answers(protocol);
    (void)received(protocol, accepts + accepts);
    CHECK(answers(protocol).empty());
}

TEST_CASE("a sub-negotiation without end does not grow and does not swallow a later one") {
    Rfc2217Protocol protocol(115200);
    (void)protocol.begin();
    CHECK(received(protocol, bytes({255, 250, 44}) + std::string(1 << 20, 'x')).empty());
    CHECK(received(protocol, bytes({255, 240}) + "after").find("after") != std::string::npos);
    CHECK(received(protocol, bytes({255, 250, 44, 101, 0, 255, 240})).empty());
    CHECK_FALSE(protocol.baud().has_value());
}

TEST_CASE("opening waits for the server to confirm the rate and keeps what the camera says meanwhile") {
    const auto script = std::make_shared<Server::Script>();
    script->says.push("early ");
    script->says.push(accepts + "bird " + rate_115200 + "late");
    auto console = open_rfc2217_console(std::make_unique<Server>(script), 115200, "console test:1");
    REQUIRE(console.ok());
    std::string seen;
    Bytes buffer(64);
    for (int i = 0; i < 4; ++i) {
        const auto reading = (*console)->read(buffer, Deadline::after(std::chrono::milliseconds(1)));
        if (reading->kind == Console::Reading::Kind::data)
            seen += as_text(ByteView(buffer).first(reading->count));
    }
    CHECK(seen == "early bird late");
    CHECK((*console)->line().baud == 115200U);
}

TEST_CASE("a server that refuses, does another rate or hangs up is a fault of the bench") {
    const auto opened = [](const std::string& says) {
        const auto script = std::make_shared<Server::Script>();
        script->says.push(says);
        return open_rfc2217_console(std::make_unique<Server>(script), 115200, "console test:1");
    };
    const auto refused = opened(bytes({255, 254, 44}));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("does not speak RFC 2217") != std::string::npos);
    const auto other = opened(accepts + bytes({255, 250, 44, 101, 0, 0, 0x25, 0x80, 255, 240}));
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().message.find("does 9600") != std::string::npos);
    CHECK_FALSE(opened("hang up").ok());
}
