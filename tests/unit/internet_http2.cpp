#include <nghttp2/nghttp2.h>

#include "bench/internet/services/web/http.hpp"
#include "bench/internet/world/dialogue.hpp"
#include "harness/wire/dns_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/internet_support.hpp"

using namespace cambench;
using namespace cambench::internet;
using namespace std::string_literals;

namespace {

/// A client of nghttp2 without a socket.
class Client {
public:
    enum class Windows { open, as_they_begin };
    explicit Client(Windows windows = Windows::open) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(
            callbacks,
            [](nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
               const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
                static_cast<Client*>(user)->headers[{reinterpret_cast<const char*>(name), name_size}] = {
                    reinterpret_cast<const char*>(value), value_size};
                return 0;
            });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data,
                          std::size_t size, void* user) {
                static_cast<Client*>(user)->body.append(reinterpret_cast<const char*>(data), size);
                return 0;
            });
        nghttp2_option* option = nullptr;
        nghttp2_option_new(&option);
        nghttp2_option_set_no_auto_window_update(option, windows == Windows::as_they_begin);
        nghttp2_session_client_new2(&session_, callbacks, this, option);
        nghttp2_option_del(option);
        nghttp2_session_callbacks_del(callbacks);
        nghttp2_submit_settings(session_, 0, nullptr, 0);
    }
    ~Client() { nghttp2_session_del(session_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void ask(StreamDialogue& server, std::vector<std::pair<std::string, std::string>> fields,
             std::string content, std::size_t piece) {
        std::vector<nghttp2_nv> list;
        for (auto& [name, value] : fields)
            list.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                            reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(), 0});
        upload_ = std::move(content);
        sent_ = 0;
        nghttp2_data_provider provider{};
        provider.source.ptr = this;
        provider.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                                    std::uint32_t* flags, nghttp2_data_source* source, void*) -> ssize_t {
            auto& self = *static_cast<Client*>(source->ptr);
            const auto count = self.upload_.copy(reinterpret_cast<char*>(buffer), size, self.sent_);
            self.sent_ += count;
            if (self.sent_ == self.upload_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
            return static_cast<ssize_t>(count);
        };
        headers.clear();
        body.clear();
        nghttp2_submit_request(session_, nullptr, list.data(), list.size(),
                               upload_.empty() ? nullptr : &provider, nullptr);
        for (;;) {
            const std::uint8_t* data = nullptr;
            const auto size = nghttp2_session_mem_send(session_, &data);
            if (size <= 0) break;
            const auto answer =
                say(server, {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}, piece);
            nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(answer.data()),
                                     answer.size());
        }
    }

    /// Opens its windows for the rest.
    void go_on(StreamDialogue& server) {
        for (const std::int32_t stream : {0, 1})
            nghttp2_session_set_local_window_size(session_, 0, stream, 1 << 20);
        for (;;) {
            const std::uint8_t* data = nullptr;
            const auto size = nghttp2_session_mem_send(session_, &data);
            if (size <= 0) break;
            const auto answer =
                say(server, {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}, 0);
            nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(answer.data()),
                                     answer.size());
        }
    }

    std::map<std::string, std::string> headers;
    std::string body;

private:
    nghttp2_session* session_ = nullptr;
    std::string upload_;
    std::size_t sent_ = 0;
};

Bytes question(std::string_view name) {
    ByteWriter writer;
    return writer.u16(0)
        .u16(0x0100)
        .u16(1)
        .u16(0)
        .u16(0)
        .u16(0)
        .bytes(dns::encode_name(name))
        .u16(1)
        .u16(1)
        .take();
}

}  // namespace

TEST_CASE("HTTP/2 requests are answered and their bodies kept whole") {
    for (const std::size_t piece : {0, 1}) {
        Personality personality;
        personality.http_routes.push_back(
            {.host = "a.example",
             .path = "/x",
             .answers = {{.status = 201, .headers = {{"X-One", "1"}}, .body = std::string(40000, 'b')}}});
        TestWorld test(personality);
        auto conversation = make_conversation(test.world, test.flow("198.51.100.5", 8080, Transport::tcp));
        Client client;
        const std::string upload(100000, 'u');
        client.ask(
            *conversation,
            {{":method", "POST"}, {":scheme", "http"}, {":path", "/x?q=1"}, {":authority", "a.example:8080"}},
            upload, piece);
        CHECK(client.headers[":status"] == "201");
        CHECK(client.headers["x-one"] == "1");
        CHECK(client.body == std::string(40000, 'b'));
        const auto request = test.recorder.last("http-request");
        CHECK(request["payload"] == upload);
        CHECK(request["host"] == "a.example");
        CHECK(request["target"] == "/x?q=1");
        CHECK(request["major"] == 2);
        client.ask(*conversation,
                   {{":method", "GET"},
                    {":scheme", "http"},
                    {":path", "/generate_204"},
                    {":authority", "b.example"}},
                   "", piece);
        CHECK(client.headers[":status"] == "204");
    }
}

TEST_CASE("bytes that are no HTTP/2 end the connection and are kept") {
    TestWorld test;
    auto conversation = make_conversation(test.world, test.flow("198.51.100.5", 80, Transport::tcp));
    Output output;
    conversation->received(as_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(64, '\xff')), output);
    CHECK(output.close);
}

TEST_CASE("names asked over HTTPS are answered by the same resolver, by GET, POST and as JSON") {
    TestWorld test;
    auto conversation = make_http_dialogue(test.world, test.flow("8.8.8.8", 443, Transport::tcp));
    const auto query = question("cam.vendor.example");
    const auto posted = say(
        *conversation,
        "POST /dns-query HTTP/1.1\r\nHost: dns\r\nContent-Type: application/dns-message\r\nContent-Length: " +
            std::to_string(query.size()) + "\r\n\r\n" + std::string(as_text(query)));
    CHECK(posted.find("Content-Type: application/dns-message") != std::string::npos);
    const auto event = test.recorder.last("dns-query");
    CHECK(event["question"] == "cam.vendor.example");
    CHECK(event["inside"] == "http");
    const auto address = event["answers"][0].get<std::string>();
    CHECK(say(*conversation,
              "GET /dns-query?dns=AAABAAABAAAAAAAAA2NhbQZ2ZW5kb3IHZXhhbXBsZQAAAQAB HTTP/1.1\r\nHost: "
              "dns\r\n\r\n")
              .find("application/dns-message") != std::string::npos);
    CHECK(test.recorder.last("dns-query")["answers"][0] == address);
    const auto json =
        say(*conversation, "GET /resolve?name=cam.vendor%2Eexample&type=A HTTP/1.1\r\nHost: dns\r\n\r\n");
    CHECK(json.find("\"data\":\"" + address + "\"") != std::string::npos);
    CHECK(test.recorder.all("dns-query").size() == 3);
    CHECK(test.recorder.last("http-request")["answered_by"] == "doh");
    (void)say(*conversation, "GET /resolve HTTP/1.1\r\nHost: dns\r\n\r\n");
    CHECK(test.recorder.all("dns-query").size() == 3);
}

TEST_CASE("firmware that goes out by HTTP/2 is a delivery, which waits while the camera's windows are full") {
    TestWorld test;
    const std::string package(200000, 'f');  // more than a window of HTTP/2 holds
    test.world.web.offer(3, {{.host = "fw.example",
                              .path = "/f/*",
                              .answers = {{.body = package}},
                              .role = UpdateRole::package}});
    auto conversation = make_conversation(test.world, test.flow("198.51.100.5", 8080, Transport::tcp));
    Client client(Client::Windows::as_they_begin);
    client.ask(
        *conversation,
        {{":method", "GET"}, {":scheme", "http"}, {":path", "/f/new.bin"}, {":authority", "fw.example"}}, "",
        0);
    REQUIRE(test.world.deliveries.size() == 1);
    const auto& delivery = test.world.deliveries.begin()->second;
    CHECK(delivery.offer == 3);
    CHECK(delivery.size == package.size());
    CHECK(delivery.held == package.size() - client.body.size());
    CHECK(delivery.held > 0);
    client.go_on(*conversation);
    CHECK(client.body == package);
    CHECK(delivery.held == 0);
}
