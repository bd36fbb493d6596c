// Whom a camera asks for firmware, told by the shape of what it says and what comes back; and what only looks
// like it.

#include "harness/analysis/flows/update_requests.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

const Endpoint unit{IpAddress::parse("192.168.1.9").value(), 40000},
    peer{IpAddress::parse("203.0.113.7").value(), 80};

std::string image(std::size_t size) {
    std::string bytes("\x27\x05\x19\x56", 4);
    bytes.resize(size, '\x91');
    return bytes;
}

std::string request(const std::string& line, const std::string& more = "", const std::string& body = "") {
    return line + " HTTP/1.1\r\nHost: up.vendor.example\r\n" +
           (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + more + "\r\n" +
           body;
}
std::string answer(const std::string& body, const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Flow flow_of(const std::string& asked, const std::string& answered) {
    Flow flow;
    flow.key = {unit, peer, 6};
    flow.by_camera = flow.start_seen = flow.accepted = true;
    const auto fill = [](StreamSide& side, const std::string& bytes) {
        side.begin(1);
        for (std::size_t at = 0; at < bytes.size(); at += 1400) {
            const auto piece = std::string_view(bytes).substr(at, 1400);
            side.add(static_cast<std::uint32_t>(1 + at), piece.size(), as_bytes(piece),
                     {at / 1400 + 1, {}, 0});
        }
    };
    fill(flow.out, asked);
    fill(flow.in, answered);
    return flow;
}

std::vector<UpdateContact> contacts(const std::vector<std::pair<std::string, std::string>>& flows,
                                    const UnitWords& words = {{"UC-7"}, {"1.9.3"}}) {
    Observations observations;
    for (const auto& [asked, answered] : flows) {
        const auto flow = flow_of(asked, answered);
        for (auto& one : update_requests_of(flow, "up.vendor.example"))
            observations.update_requests.push_back(std::move(one));
    }
    return update_contacts(observations, words);
}

}  // namespace

TEST_CASE("a check that names the unit, and the image that comes, are seen in one connection and in two") {
    const auto list = answer("version=2.0.0\nfile=/dl/uc7-2.0.0.img\n");
    const auto check = request("GET /cgi-bin/check?model=UC-7&ver=1.9.3"),
               fetch = request("GET /dl/uc7-2.0.0.img");
    for (const auto& found : {contacts({{check + fetch, list + answer(image(100'000))}}),
                              contacts({{check, list}, {fetch, answer(image(100'000))}})}) {
        REQUIRE(found.size() == 1);
        CHECK(found[0].server == "up.vendor.example");
        CHECK(found[0].certain);
        CHECK_FALSE(found[0].encrypted);
        CHECK(found[0].request == "GET /cgi-bin/check?model=UC-7&ver=1.9.3");
        CHECK(found[0].image == "U-Boot legacy image");
        CHECK(found[0].image_bytes == 100'000);
        CHECK(found[0].times == 2);
        CHECK(found[0].frame.number == 1);
    }
}

TEST_CASE("an image is firmware whoever asked for it in whatever words; what holds anything is not") {
    CHECK(contacts({{request("GET /a/b"), answer(image(8192))}}).size() == 1);
    CHECK(contacts({{request("GET /a/b"), answer(image(100))}}).empty());
    CHECK(contacts(
              {{request("GET /a/b.zip"), answer(std::string("PK\x03\x04", 4) + std::string(200'000, 'x'))}})
              .empty());
    CHECK(contacts(
              {{request("GET /a/b.gz"), answer(std::string("\x1f\x8b\x08", 3) + std::string(200'000, 'x'))}})
              .empty());
    const auto named = contacts(
        {{request("GET /firmware/b.zip"), answer(std::string("PK\x03\x04", 4) + std::string(200'000, 'x'))}});
    REQUIRE(named.size() == 1);
    CHECK(named[0].certain);
    CHECK(named[0].image == "ZIP");
    // The second half of an image begins with anything.
    const std::string part =
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes 4096-8191/8192\r\nContent-Length: 4096\r\n\r\n";
    CHECK(contacts({{request("GET /a/b"), part + image(4096)}}).empty());
}

TEST_CASE("what is said of firmware makes a question likely, not certain") {
    for (const auto* line :
         {"GET /firmware/list.json", "GET /api/v2/otaCheck", "GET /getFwVersion?sn=1", "GET /upgrade",
          "POST /api/version?model=uc-7", "GET /update.cgi?v=1.9.3", "POST /device/checkUpgrade/1.9.3"}) {
        CAPTURE(line);
        const auto found = contacts({{request(line), answer("{}")}});
        REQUIRE(found.size() == 1);
        CHECK_FALSE(found[0].certain);
        CHECK(found[0].image.empty());
    }
    const auto body = contacts(
        {{request("POST /device/version", "", R"({"model":"UC-7","version":"1.9.3"})"), answer("{}")}});
    REQUIRE(body.size() == 1);
    CHECK(body[0].grounds == std::vector<std::string>{"its path says 'version'", "it names the model UC-7",
                                                      "it names the version 1.9.3"});
}

TEST_CASE("reports, registrations and pages are no questions for firmware") {
    for (const auto& asked :
         {request("POST /heartbeat", "", R"({"model":"UC-7","firmware":"1.9.3","uptime":7})"),
          request("GET /p2pdev/update"), request("GET /nic/update?hostname=cam"), request("GET /v1/version"),
          request("GET /software/about.html"), request("PUT /events/firmware", "", std::string(5000, 'x')),
          request("GET /index.html", "User-Agent: UC-7/1.9.3\r\n"), request("POST /fw", "", "status=ok"),
          request("GET /swfw.js"), request("GET /rotary/quota"),
          request("POST /update?model=UC-70&v=11.9.3")}) {
        CAPTURE(asked);
        CHECK(contacts({{asked, answer("{}")}}).empty());
    }
}

TEST_CASE("a list and the file it names are told from a page and its pictures") {
    const std::string picture("\xff\xd8\xff\xe0\0\x10JFIF\0", 11);
    CHECK(contacts({{request("GET /index"), answer("<img src=/big-picture.jpg>")},
                    {request("GET /big-picture.jpg"), answer(picture + std::string(200'000, 'x'))}})
              .empty());
    CHECK(contacts({{request("GET /ads?model=UC-7"), answer("<img src=/big-picture.jpg>")},
                    {request("GET /big-picture.jpg"), answer(picture + std::string(200'000, 'x'))}})
              .empty());
    const auto ciphered = contacts(
        {{request("GET /check?sn=7&v=1.9.3"), answer(R"({"url":"http://cdn.example/7f3a9c/blob.enc"})")},
         {request("GET /7f3a9c/blob.enc"), answer(std::string(200'000, '\x07'))}});
    REQUIRE(ciphered.size() == 1);  // an image in a container nobody knows
    CHECK(ciphered[0].certain);
    CHECK(ciphered[0].image.empty());
}

TEST_CASE("what the fake internet saw inside TLS counts by its words") {
    Event event{Nanoseconds(5),
                "network",
                "http-request",
                {{"destination", "203.0.113.7:443"},
                 {"name", "ota.vendor.example"},
                 {"inside", "tls"},
                 {"method", "GET"},
                 {"target", "/check?model=UC-7"},
                 {"headers", Json::array({Json::array({"User-Agent", "UC-7/1.9.3"})})}}};
    const auto request = update_request_of(event);
    REQUIRE(request);
    CHECK(request->encrypted);
    Observations observations;
    observations.update_requests = {*request};
    const auto found = update_contacts(observations, {{"UC-7"}, {"1.9.3"}});
    REQUIRE(found.size() == 1);
    CHECK(found[0].grounds.front() == "its server's name says 'ota'");
    event.fields["inside"] = "";
    CHECK_FALSE(update_request_of(event));
    event.fields = {{"destination", 7}, {"headers", "x"}, {"inside", "tls"}};
    CHECK_FALSE(update_request_of(event));
}

TEST_CASE("requests cut anywhere are read as far as they go") {
    const auto asked = request("GET /firmware?model=UC-7") + request("GET /dl/fw.img"),
               answered = answer("/dl/fw.img") + answer(image(70'000));
    for (std::size_t size = 0; size < asked.size(); ++size)
        (void)contacts({{asked.substr(0, size), answered}});
    for (std::size_t size = 0; size < 300; ++size) (void)contacts({{asked, answered.substr(0, size)}});
    CHECK(contacts({{asked, ""}}).size() == 1);
}
