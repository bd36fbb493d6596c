// The emulated camera's own network clients: what they send and what they make of answers.

#include <string>

#include "fixtures/camera/firmware/cloud/p2p.hpp"
#include "fixtures/camera/firmware/net/dhcp.hpp"
#include "fixtures/camera/firmware/net/dns.hpp"
#include "fixtures/camera/firmware/net/message.hpp"
#include "fixtures/camera/firmware/net/ntp.hpp"
#include "fixtures/camera/firmware/rtsp.hpp"
#include "tests/catch.hpp"

using namespace camera;

namespace {

/// The answer of a server to our query: the question repeated, one alias and one address.
Bytes dns_answer(const Bytes& query, const std::string& address_bytes, std::uint16_t type) {
    ByteWriter writer;
    writer.put(ByteView(query).first(2));
    writer.u16(0x8180);
    writer.u16(1);
    writer.u16(2);
    writer.u32(0);
    writer.put(ByteView(query).subspan(12));
    for (const auto& [record_type, data] :
         {std::pair<unsigned, std::string>{5, std::string("\3www\xc0\x0c", 6)}, {type, address_bytes}}) {
        writer.u16(0xc00c);
        writer.u16(record_type);
        writer.u16(1);
        writer.u32(20);
        writer.u16(static_cast<unsigned>(data.size()));
        writer.put(data);
    }
    return writer.take();
}

const std::string address("\xc0\x00\x02\x01", 4);  // 192.0.2.1

}  // namespace

TEST_CASE("camera asks the resolver in the form of RFC 1035", "[unit][camera]") {
    const auto query = encode_dns_query(0x1234, "a.bc.example", RecordType::aaaa);
    const std::string expected(
        "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01"
        "a\x02"
        "bc\x07"
        "example\x00\x00\x1c\x00\x01",
        30);
    CHECK(as_text(query) == expected);
    CHECK(encode_dns_query(1, "", RecordType::a).empty());
    CHECK(encode_dns_query(1, "a..b", RecordType::a).empty());
    CHECK(encode_dns_query(1, std::string(64, 'x') + ".example", RecordType::a).empty());
}

TEST_CASE("camera takes addresses out of an answer behind an alias", "[unit][camera]") {
    const auto query = encode_dns_query(7, "time.example", RecordType::a);
    const auto answer = parse_dns_answer(dns_answer(query, address, 1), 7, RecordType::a);
    REQUIRE(answer);
    CHECK(answer->addresses == std::vector<std::string>{"192.0.2.1"});
    CHECK(answer->lifetime == 20);
    CHECK_FALSE(parse_dns_answer(dns_answer(query, address, 1), 8, RecordType::a));
    CHECK_FALSE(parse_dns_answer(query, 7, RecordType::a));
}

TEST_CASE("camera refuses every truncated resolver answer", "[unit][camera]") {
    const auto query = encode_dns_query(7, "time.example", RecordType::a);
    const auto whole = dns_answer(query, address, 1);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(parse_dns_answer(ByteView(whole).first(size), 7, RecordType::a));
    }
}

TEST_CASE("camera's DHCP request names itself and asks for resolvers and time servers", "[unit][camera]") {
    DhcpMessage message;
    message.type = DhcpMessage::Type::discover;
    message.transaction = 0xcafe0001;
    message.mac = {2, 0x4b, 0x52, 0, 0, 0x11};
    const auto packet = encode_dhcp_request(message, {"HV2100-000017", "Haneul Vision HV-2100"});
    CHECK(packet.size() >= 300);
    const auto text = as_text(packet);
    CHECK(text.substr(236, 4) == "\x63\x82\x53\x63");
    CHECK(text.find(std::string("\x0c\x0d") + "HV2100-000017") != std::string::npos);
    CHECK(text.find(std::string("\x3c\x15") + "Haneul Vision HV-2100") != std::string::npos);
    CHECK(text.find(std::string("\x37\x05\x01\x03\x06\x2a\x33", 7)) != std::string::npos);
}

TEST_CASE("camera reads the lease out of an offer and nothing out of garbage", "[unit][camera]") {
    ByteWriter writer;
    writer.put(std::string_view("\x02\x01\x06\x00", 4));
    writer.u32(0xcafe0001);
    writer.zeros(8);
    writer.u32(0xc000020a);
    writer.zeros(8);
    writer.put(std::string_view("\x02\x4b\x52\x00\x00\x11", 6));
    writer.zeros(10 + 64 + 128);
    writer.u32(0x63825363);
    writer.put(
        std::string_view("\x35\x01\x02\x01\x04\xff\xff\xff\x00\x03\x04\xc0\x00\x02\x01\x06\x08\xc0\x00\x02"
                         "\x02\xc0\x00\x02\x03\x33\x04\x00\x00\x00\x3c"
                         "\x36\x04\xc0\x00\x02\x01\xff",
                         38));
    const auto packet = writer.take();
    const auto offer = parse_dhcp_reply(packet);
    REQUIRE(offer);
    CHECK(offer->type == DhcpMessage::Type::offer);
    CHECK(offer->offered_address == 0xc000020a);
    CHECK(offer->mask == 0xffffff00);
    CHECK(offer->router == 0xc0000201);
    CHECK(offer->resolvers == std::vector<std::uint32_t>{0xc0000202, 0xc0000203});
    CHECK(offer->lease_seconds == 60);
    for (std::size_t size = 0; size < 243; ++size) {
        CHECK_FALSE(parse_dhcp_reply(ByteView(packet).first(size)));
    }
}

TEST_CASE("camera sets its clock only by an answer to its own request", "[unit][camera]") {
    const std::uint64_t cookie = 0x0102030405060708;
    const auto request = encode_ntp_request(cookie);
    REQUIRE(request.size() == 48);
    CHECK((request[0] & 7) == 3);

    const auto answer = [&](unsigned mode, std::uint64_t origin, std::uint32_t seconds) {
        ByteWriter writer;
        writer.u8(0x20 | mode);
        writer.u8(2);
        writer.zeros(22);
        writer.u32(static_cast<std::uint32_t>(origin >> 32));
        writer.u32(static_cast<std::uint32_t>(origin));
        writer.zeros(8);
        writer.u32(seconds);
        writer.u32(0x80000000);
        return writer.take();
    };
    const std::uint32_t november_2026 = 1'795'251'600U + 2'208'988'800U;
    CHECK(parse_ntp_answer(answer(4, cookie, november_2026), cookie) == 1'795'251'600'500'000);
    CHECK(parse_ntp_answer(answer(4, cookie, 100), cookie) ==
          (100 + (std::int64_t{1} << 32) - 2'208'988'800) * 1'000'000 + 500'000);
    CHECK_FALSE(parse_ntp_answer(answer(4, cookie + 1, november_2026), cookie));
    CHECK_FALSE(parse_ntp_answer(answer(3, cookie, november_2026), cookie));
    CHECK_FALSE(parse_ntp_answer(answer(4, cookie, 0), cookie));
    CHECK_FALSE(parse_ntp_answer(ByteView(answer(4, cookie, november_2026)).first(47), cookie));
}

TEST_CASE("camera finds resolvers in a router advertisement's options", "[unit][camera]") {
    ByteWriter writer;
    writer.u8(25);
    writer.u8(3);
    writer.u16(0);
    writer.u32(600);
    writer.put(std::string_view("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x53", 16));
    const auto option = writer.take();
    CHECK(parse_rdnss(option.data(), option.size()) == std::vector<std::string>{"2001:db8::53"});
    CHECK(parse_rdnss(option.data(), option.size() - 1).empty());
    const Bytes endless(16, 0);
    CHECK(parse_rdnss(endless.data(), endless.size()).empty());
}

TEST_CASE("camera's rendezvous request carries the WSSE digest of the date it was given", "[unit][camera]") {
    RendezvousRequest request{
        "/online/p2psrv/HV1", "p2p.example", "HV1", "secret", "2026-11-21T09:00:00Z", -5, 42};
    const auto text = encode_rendezvous_request(request);
    CHECK(text.starts_with("GET /online/p2psrv/HV1 HTTP/1.1\r\n"));
    CHECK(text.find("CSeq: -5\r\n") != std::string::npos);
    // printf '422026-11-21T09:00:00Zsecret' | openssl sha1 -binary | base64
    CHECK(text.find("PasswordDigest=\"lKr3IsD5JrE8zjyXhINbWZIokLo=\", Nonce=\"42\", "
                    "Created=\"2026-11-21T09:00:00Z\"") != std::string::npos);
}

TEST_CASE("camera understands the dates and ports of a rendezvous server", "[unit][camera]") {
    CHECK(created_of_date("Sat, 21 Nov 2026 09:00:00 GMT") == "2026-11-21T09:00:00Z");
    CHECK(created_of_date("2026-11-21T09:00:00Z") == "2026-11-21T09:00:00Z");
    CHECK_FALSE(created_of_date("yesterday"));
    CHECK_FALSE(created_of_date(""));
    CHECK(device_server_port("<body><DS>:8802</DS><US>:8803</US></body>") == 8802);
    CHECK(device_server_port("<DS>192.0.2.1:99</DS>") == 99);
    CHECK_FALSE(device_server_port("<DS>:0</DS>"));
    CHECK_FALSE(device_server_port("<DS>:70000</DS>"));
    CHECK_FALSE(device_server_port("</DS><DS>"));
    CHECK_FALSE(device_server_port(""));
}

TEST_CASE("camera reads HTTP heads and form fields, and survives broken ones", "[unit][camera]") {
    const auto message = parse_message(
        "HTTP/1.1 401 Unauthorized\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT\r\nContent-Length: 3\r\n\r\nabc");
    REQUIRE(message);
    CHECK(message->status() == 401);
    CHECK(message->header("date") == "Sat, 21 Nov 2026 09:00:00 GMT");
    CHECK(message->content_length() == 3);
    CHECK(message->body == "abc");
    CHECK_FALSE(parse_message(""));
    CHECK_FALSE(parse_message("\r\n\r\n"));
    CHECK(parse_message("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n")->content_length() ==
          std::nullopt);
    CHECK(form_field("user=admin&password=a%2Bb+c", "password") == "a+b c");
    CHECK(form_field("user=%&password=%4", "password") == "%4");
    CHECK_FALSE(form_field("user=admin", "password"));
}

TEST_CASE("camera chooses the RTSP transport it can do", "[unit][camera]") {
    const auto tcp = parse_rtsp_transport("RTP/AVP/TCP;unicast;interleaved=2-3");
    REQUIRE(tcp);
    CHECK(tcp->interleaved);
    CHECK(tcp->first == 2);
    CHECK(tcp->second == 3);
    const auto second =
        parse_rtsp_transport("RTP/AVP;multicast;port=1-2,RTP/AVP;unicast;client_port=5000-5001");
    REQUIRE(second);
    CHECK_FALSE(second->interleaved);
    CHECK(second->first == 5000);
    CHECK_FALSE(parse_rtsp_transport("RTP/AVP;unicast"));
    CHECK_FALSE(parse_rtsp_transport("RTP/AVP;unicast;client_port=99999"));
    CHECK_FALSE(parse_rtsp_transport(""));
}
