#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/channel/payload_store.hpp"
#include "harness/core/digest.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::internet;

namespace {

struct Folder {
    Folder() {
        static int count = 0;
        path = std::filesystem::temp_directory_path() /
               ("cambench-channel-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

struct Collector final : EventSink {
    void emit(Event event) override {
        const std::scoped_lock lock(mutex);
        events.push_back(std::move(event));
    }
    std::mutex mutex;
    std::vector<Event> events;
};

void feed(FrameParser& parser, ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), parser.room().begin());
    parser.filled(bytes.size());
}

std::array<int, 2> socket_pair() {
    std::array<int, 2> pair{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    return pair;
}

}  // namespace

TEST_CASE("events, contents and secrets arrive in order and whole") {
    Folder folder;
    Collector collector;
    std::vector<std::string> secrets;
    const auto pair = socket_pair();
    const std::string big(3'000'000, 'v');
    {
        EngineChannel engine(pair[0], {.events = &collector,
                                       .payload_directory = folder.path,
                                       .tls_secret = [&](auto line) { secrets.emplace_back(line); },
                                       .fault = {}});
        ChannelWriter writer(pair[1], [] {});
        writer.ready();
        JsonText fields;
        fields.text("name", "a \"quoted\" \xff name").null("none");
        const auto first = writer.begin_payload(), second = writer.begin_payload();
        writer.append(first, as_bytes("hel"));
        writer.append(second, as_bytes(big));
        writer.append(first, as_bytes("lo"));
        writer.end_payload(first);
        writer.end_payload(second);
        writer.event(Nanoseconds(5), "http-request", fields, first);
        writer.tls_secret("CLIENT_RANDOM a b");
        writer.event(Nanoseconds(6), "http-request", fields, second);
        writer.event(Nanoseconds(7), "arp", {});
        writer.done();
        writer.flush_all();
        CHECK(engine.await_ready(Deadline::after(std::chrono::seconds(5))).ok());
        CHECK(engine.finish(Deadline::after(std::chrono::seconds(5))).ok());
    }
    ::close(pair[1]);
    REQUIRE(collector.events.size() == 3);
    CHECK(collector.events[0].time == Nanoseconds(5));
    CHECK(collector.events[0].lane == "network");
    CHECK(collector.events[0].fields["name"] == "a \"quoted\" \xef\xbf\xbd name");
    CHECK(collector.events[0].fields["payload"] == sha256_of(as_bytes("hello")));
    CHECK(collector.events[0].fields["payload_bytes"] == 5);
    CHECK(collector.events[1].fields["payload"] == sha256_of(as_bytes(big)));
    CHECK_FALSE(collector.events[2].fields.contains("payload"));
    CHECK(content_of(folder.path / sha256_of(as_bytes("hello"))) == "hello");
    CHECK(content_of(folder.path / sha256_of(as_bytes(big))) == big);
    CHECK(secrets == std::vector<std::string>{"CLIENT_RANDOM a b"});
}

TEST_CASE("a slow engine is waited for and loses nothing") {
    Folder folder;
    Collector collector;
    const auto pair = socket_pair();
    std::thread producer([&] {
        ChannelWriter writer(pair[1], [] {});
        for (int i = 0; i < 50'000; ++i) {
            JsonText fields;
            fields.number("i", i).text("filler", std::string(100, 'x'));
            writer.event(Nanoseconds(i), "dns-query", fields);
        }
        writer.done();
        writer.flush_all();
        ::shutdown(pair[1], SHUT_WR);
    });
    {
        EngineChannel engine(
            pair[0], {.events = &collector, .payload_directory = folder.path, .tls_secret = {}, .fault = {}});
        producer.join();
        CHECK(engine.finish(Deadline::after(std::chrono::seconds(20))).ok());
    }
    ::close(pair[1]);
    REQUIRE(collector.events.size() == 50'000);
    for (int i = 0; i < 50'000; ++i) REQUIRE(collector.events[static_cast<std::size_t>(i)].fields["i"] == i);
}

TEST_CASE("the death of the other end is told, and what had begun to grow is kept") {
    Folder folder;
    Collector collector;
    const auto pair = socket_pair();
    {
        EngineChannel engine(
            pair[0], {.events = &collector, .payload_directory = folder.path, .tls_secret = {}, .fault = {}});
        ChannelWriter writer(pair[1], [] {});
        writer.append(writer.begin_payload(), as_bytes("half of it"));
        writer.flush_all();
        ::close(pair[1]);
        const auto status = engine.await_ready(Deadline::after(std::chrono::seconds(5)));
        REQUIRE_FALSE(status.ok());
        CHECK(status.error().message == "the fake internet ended before it was ready");
        CHECK(engine.closed());
    }
    CHECK(content_of(folder.path / sha256_of(as_bytes("half of it"))) == "half of it");
}

TEST_CASE("content that cannot be stored is a fault of the bench") {
    Collector collector;
    std::vector<std::string> faults;
    const auto pair = socket_pair();
    {
        EngineChannel engine(pair[0],
                             {.events = &collector,
                              .payload_directory = "/nonexistent/folder",
                              .tls_secret = {},
                              .fault = [&](const Error& error) { faults.push_back(error.message); }});
        ChannelWriter writer(pair[1], [] {});
        const auto payload = writer.begin_payload();
        writer.append(payload, as_bytes("x"));
        writer.end_payload(payload);
        writer.fault("cannot go on");
        writer.flush_all();
        ::close(pair[1]);
        (void)engine.await_ready(Deadline::after(std::chrono::seconds(5))).ok();
    }
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].find("/nonexistent/folder") != std::string::npos);
    CHECK(faults[1] == "fake internet: cannot go on");
}

TEST_CASE("a writer whose engine is gone goes on without waiting") {
    const auto pair = socket_pair();
    ::close(pair[0]);
    ChannelWriter writer(pair[1], [] {});
    for (int i = 0; i < 100; ++i) writer.append(1, Bytes(100'000));
    writer.flush_all();
    CHECK(writer.broken());
    ::close(pair[1]);
}

TEST_CASE("frames are cut from a stream however it is cut, and nonsense is an error") {
    ByteWriter stream;
    stream.u32(3).u8(1).text("abc").u32(0).u8(6);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        FrameParser parser;
        std::vector<std::string> bodies;
        for (std::size_t i = 0; i < stream.size(); i += piece) {
            feed(parser, stream.view().subspan(i, std::min(piece, stream.size() - i)));
            for (auto frame = parser.next(); frame.ok() && *frame; frame = parser.next())
                bodies.emplace_back(as_text((*frame)->body));
        }
        CHECK(bodies == std::vector<std::string>{"abc", ""});
    }
    FrameParser parser;
    feed(parser, as_bytes(std::string(5, '\xff')));
    CHECK_FALSE(parser.next().ok());
}

TEST_CASE("the engine tells when contents are stored, and which could not be") {
    Folder folder;
    Collector collector;
    std::vector<std::string> faults;
    const auto pair = socket_pair();
    EngineChannel engine(pair[0], {.events = &collector,
                                   .payload_directory = folder.path,
                                   .tls_secret = {},
                                   .fault = [&](Error error) { faults.push_back(error.message); }});
    ChannelWriter writer(pair[1], [] {});
    FrameParser parser;
    const auto await_settled = [&](std::uint64_t number) {
        while (writer.kept(number, number) == Recorder::Kept::pending) {
            std::array<std::byte, 4096> piece;
            const auto count = ::recv(pair[1], piece.data(), piece.size(), 0);
            REQUIRE(count > 0);
            feed(parser, ByteView(piece).first(static_cast<std::size_t>(count)));
            for (auto frame = parser.next(); frame && *frame; frame = parser.next()) {
                REQUIRE((*frame)->type == FrameType::kept);
                REQUIRE(writer.take_kept((*frame)->body).ok());
            }
        }
    };
    const auto send = [&](const std::string& content) {
        const auto id = writer.begin_payload();
        writer.append(id, as_bytes(content));
        writer.end_payload(id);
        writer.event(Nanoseconds(1), "kept", JsonText(), id);
        writer.hand_over();
        return writer.contents();
    };
    CHECK(send("one") == 1);
    CHECK(send("two") == 2);
    await_settled(2);
    CHECK(writer.kept(0, 2) == Recorder::Kept::stored);
    CHECK(writer.kept(2, 3) == Recorder::Kept::pending);

    std::filesystem::remove_all(folder.path);  // nothing can be stored any more
    CHECK(send(std::string(1'000'000, 'x')) == 3);
    await_settled(3);
    CHECK(writer.kept(0, 2) == Recorder::Kept::stored);
    CHECK(writer.kept(2, 3) == Recorder::Kept::lost);
    CHECK(writer.kept(1, 3) == Recorder::Kept::lost);
    std::filesystem::create_directories(folder.path);
    CHECK(send("four") == 4);
    await_settled(4);
    CHECK(writer.kept(3, 4) == Recorder::Kept::stored);
    ::shutdown(pair[1], SHUT_RDWR);
    ::close(pair[1]);
}

TEST_CASE("an engine that settles what was never sent is not believed") {
    const auto pair = socket_pair();
    ChannelWriter writer(pair[0], [] {});
    ByteWriter body;
    CHECK_FALSE(writer.take_kept(body.u64(1).view()).ok());
    CHECK_FALSE(writer.take_kept({}).ok());
    ::close(pair[0]);
    ::close(pair[1]);
}

TEST_CASE("both ends of the channel may be full at once and go on") {
    Folder folder;
    Collector collector;
    const auto pair = socket_pair();
    constexpr std::uint64_t many = 20'000;
    {
        EngineChannel engine(
            pair[0], {.events = &collector, .payload_directory = folder.path, .tls_secret = {}, .fault = {}});
        ChannelWriter writer(pair[1], [] {});
        for (std::uint64_t i = 0; i < many; ++i) {  // nobody reads what the engine tells meanwhile
            const auto id = writer.begin_payload();
            writer.append(id, as_bytes("same"));
            writer.end_payload(id);
        }
        writer.flush_all();
        FrameParser parser;
        while (writer.kept(many, many) == Recorder::Kept::pending) {
            std::array<std::byte, 4096> piece;
            const auto count = ::recv(pair[1], piece.data(), piece.size(), 0);
            REQUIRE(count > 0);
            feed(parser, ByteView(piece).first(static_cast<std::size_t>(count)));
            for (auto frame = parser.next(); frame && *frame; frame = parser.next())
                REQUIRE(writer.take_kept((*frame)->body).ok());
        }
        CHECK(writer.kept(0, many) == Recorder::Kept::stored);
    }
    ::close(pair[1]);
}
