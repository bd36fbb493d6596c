// What servers said about firmware: taken out of conversations, with the package's place kept and its
// descriptions left open.

#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "harness/analysis/learning/learn_updates.hpp"
#include "harness/core/checksum.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/gzip.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

const WallTime noon = parse_timestamp("2026-11-21T12:00:00Z").value();
const Endpoint caller{IpAddress::parse("192.168.1.9").value(), 40000},
    maker{IpAddress::parse("203.0.113.7").value(), 8080};

RecordedTalk http_talk(const std::vector<std::pair<std::string, std::string>>& turns) {
    RecordedTalk made{caller, maker, "fw.vendor.example", Transport::tcp, {}};
    for (const auto& [asked, answered] : turns) {
        made.utterances.push_back({true, asked, {}, noon});
        made.utterances.push_back({false, answered, {}, noon});
    }
    return made;
}

std::string get(const std::string& target, const std::string& more = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: fw.vendor.example:8080\r\n" + more + "\r\n";
}
std::string ok(const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" +
           body;
}

std::string gzipped(std::string_view text) { return std::string(as_text(gzip(as_bytes(text)))); }

/// Bytes that look like nothing, with a mark of firmware in front.
std::string firmware(std::size_t size) {
    std::string bytes("\x27\x05\x19\x56", 4);
    std::uint32_t state = 7;
    while (bytes.size() < size) bytes += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

const std::string package = firmware(50'000);

KnownPackage known(std::vector<std::string> versions = {}) {
    return {to_bytes(package), std::move(versions)};
}

std::string written(std::string_view name, std::string_view form = "") {
    return written_checksum(checksum_of(name, as_bytes(package)), form);
}

const UpdateExchange& one_with(const UpdateLesson& lesson, UpdateExchange::Role role) {
    const auto& all = lesson.update.exchanges;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& exchange) { return exchange.role == role; });
    REQUIRE(found != all.end());
    return *found;
}

/// What a list looks like once learned beside a plain download of the package.
std::string learned_list(const std::string& list, const std::string& version = "") {
    const auto exchanges =
        http_exchanges(http_talk({{get("/check?v=1.0.0"), ok(list)}, {get("/fw.img"), ok(package)}}));
    const auto lesson = learn_update(exchanges, known(), version);
    REQUIRE(lesson.ok());
    return lesson->update.exchanges.front().answer.to_string();
}

}  // namespace

TEST_CASE("requests and answers are paired whatever carries their bodies") {
    const auto talk =
        http_talk({{get("/one?a=1"),
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"},
                   {"HEAD /two HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"},
                   {"POST http://other.example:81/three?q HTTP/1.1\r\nHost: "
                    "other.example:81\r\nContent-Length: 4\r\n\r\nbody",
                    ok(gzipped("packed"), "Content-Encoding: gzip\r\n")},
                   {get("/four"), "HTTP/1.0 404 No\r\n\r\nuntil the end"}});
    const auto exchanges = http_exchanges(talk);
    REQUIRE(exchanges.size() == 4);
    CHECK(exchanges[0].answer.body == "Wikipedia");
    CHECK(exchanges[0].host == "fw.vendor.example");
    CHECK(exchanges[0].path() == "/one");
    CHECK(exchanges[0].query() == "a=1");
    CHECK(exchanges[1].answer.body.empty());
    CHECK(exchanges[2].request.body == "body");
    CHECK(exchanges[2].answer.body == "packed");
    CHECK(exchanges[2].path() == "/three");
    CHECK(exchanges[2].host == "other.example");
    CHECK(exchanges[3].status == 404);
    CHECK(exchanges[3].answer.body == "until the end");
}

TEST_CASE("what is no HTTP, or cut short, ends the exchanges") {
    CHECK(http_exchanges(http_talk({{"REGISTER 17\r\n", "OK\r\n"}})).empty());
    CHECK(http_exchanges(http_talk({{get("/a"), "HTTP/1.1 200 OK\r\nContent-Le"}})).empty());
    const auto cut =
        http_exchanges(http_talk({{get("/a"), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"}}));
    REQUIRE(cut.size() == 1);
    CHECK_FALSE(cut[0].answer.whole);
    CHECK(recorded_downloads(cut).empty());
}

TEST_CASE("a package fetched in ranges is put together") {
    const auto part = [](std::size_t from, std::size_t to) {
        return "HTTP/1.1 206 Partial\r\nContent-Range: bytes " + std::to_string(from) + "-" +
               std::to_string(to - 1) + "/" + std::to_string(package.size()) +
               "\r\nContent-Length: " + std::to_string(to - from) + "\r\n\r\n" +
               package.substr(from, to - from);
    };
    const auto whole = http_exchanges(http_talk({{get("/fw.img"), part(30'000, 50'000)},
                                                 {get("/fw.img"), part(0, 20'000)},
                                                 {get("/fw.img"), part(10'000, 40'000)}}));
    REQUIRE(recorded_downloads(whole).size() == 1);
    CHECK(recorded_downloads(whole)[0].bytes == to_bytes(package));
    CHECK(recorded_downloads(http_exchanges(http_talk({{get("/fw.img"), part(0, 20'000)},
                                                       {get("/fw.img"), part(20'001, 50'000)}})))
              .empty());
}

TEST_CASE("where a list describes the package it is left open, in the form it was written in") {
    CHECK(learned_list(R"({"sha256":")" + written("sha256") + R"(","size":50000})") ==
          R"x({"sha256":"\(offer.sha256)","size":\(offer.size)})x");
    CHECK(learned_list("md5=" + written("md5", "upper") + "\nsha1: " + written("sha1", "base64") + "\n") ==
          R"(md5=\(offer.md5.upper)\nsha1: \(offer.sha1.base64)\n)");
    CHECK(learned_list("<crc>0x" + written("crc32") + "</crc>") ==
          "<crc>0x" + written("crc32") + "</crc>");  // part of a longer word
    CHECK(learned_list("<crc>" + written("crc32") + "</crc>") == R"(<crc>\(offer.crc32)</crc>)");
    CHECK(learned_list("crc=" + written("crc32", "decimal") + " n=150000 m=500001") ==
          R"(crc=\(offer.crc32.decimal) n=150000 m=500001)");
    CHECK(learned_list("x" + written("sha256") + "0") == "x" + written("sha256") + "0");
}

TEST_CASE("the newest version is told from what runs, what is needed and what stands in addresses") {
    CHECK(learned_list("min_version=0.9.0\nversion=2.4.0\nurl=/dl/2.4.0/fw-2.4.0.img\n") ==
          R"(min_version=0.9.0\nversion=\(offer.version)\nurl=/dl/2.4.0/fw-2.4.0.img\n)");
    CHECK(learned_list(R"({"current":"1.0.0","latest_firmware":"V2.4.0_b7"})") ==
          R"x({"current":"1.0.0","latest_firmware":"\(offer.version)"})x");
    CHECK(learned_list("<version>1.0.0</version><fwver>2.4.0</fwver>") ==
          R"(<version>1.0.0</version><fwver>\(offer.version)</fwver>)");
    CHECK(learned_list("newest 2.4.0 12.4.0 2.4.0.1 2.4.0-x 2.4.0.", "2.4.0") ==
          R"(newest \(offer.version) 12.4.0 2.4.0.1 2.4.0-x \(offer.version).)");
    CHECK(stated_version("address=192.168.1.1 hardware=3.2.1", {}).empty());
    CHECK(stated_version("", {}).empty());
}

TEST_CASE("the package's own words for its version go before a list's") {
    const auto exchanges = http_exchanges(http_talk(
        {{get("/check"), ok("app_version=7.7.7 build 3.1.4")}, {get("/fw-3.1.4.img"), ok(package)}}));
    const auto lesson = learn_update(exchanges, known({"9.9.9", "3.1.4"}), "");
    REQUIRE(lesson.ok());
    CHECK(lesson->update.version == "3.1.4");
    CHECK(one_with(*lesson, UpdateExchange::Role::package).path == "/fw-*.img");
    CHECK(one_with(*lesson, UpdateExchange::Role::list).answer.to_string() ==
          R"(app_version=7.7.7 build \(offer.version))");
}

TEST_CASE("each exchange is learned by what it is to the package") {
    const auto exchanges = http_exchanges(
        http_talk({{get("/token"), "HTTP/1.1 401 No\r\nContent-Length: 0\r\nWWW-Authenticate: Basic\r\n\r\n"},
                   {get("/token", "Authorization: Basic YTpi\r\n"), ok("secret=1")},
                   {get("/check?v=1.0.0"), ok("go to fw.img, version=2.0.0")},
                   {get("/fw.img"),
                    ok(package, "ETag: \"" + written("md5") + "\"\r\nDate: now\r\nAccept-Ranges: bytes\r\n")},
                   {get("/check?v=2.0.0"), ok("nothing new")},
                   {get("/check?v=1.0.0"), ok("busy")}}));
    const auto lesson = learn_update(exchanges, known(), "");
    REQUIRE(lesson.ok());
    const auto& learned = lesson->update.exchanges;
    REQUIRE(learned.size() == 5);
    CHECK((learned[0].status == 401 && !learned[0].authorised && learned[1].authorised));
    CHECK(learned[2].role == UpdateExchange::Role::list);  // "busy" to the same request tells nothing
    CHECK(learned[2].answer.to_string() == R"(go to fw.img, version=\(offer.version))");
    CHECK(learned[3].answer.parts.empty());
    REQUIRE(learned[3].headers.size() == 1);
    CHECK(learned[3].headers[0].second.to_string() == R"x("\(offer.md5)")x");
    CHECK(learned[4].role == UpdateExchange::Role::other);
    CHECK_FALSE(learn_update(exchanges, {to_bytes("another package"), {}}, "").ok());
}

TEST_CASE("a learned update survives its file, whatever bytes it holds") {
    const std::string odd("\x00<&\"'$ \\(any) ${a}\xff", 20);
    const auto exchanges = http_exchanges(
        http_talk({{"POST /a%00?x=<&\"$ HTTP/1.1\r\nContent-Length: 3\r\n\r\n\x01$<", ok(odd, "X: <\"$\r\n")},
                   {get("/fw.img"), ok(package)}}));
    const auto lesson = learn_update(exchanges, known(), "V1 <$>");
    REQUIRE(lesson.ok());
    const auto file =
        std::filesystem::temp_directory_path() / ("update-" + std::to_string(::getpid()) + ".xml");
    std::ofstream(file) << to_xml(lesson->update, "odd \"title\" <$>");
    markup::Problems problems;
    const auto read = load_learned_update(file, problems);
    std::filesystem::remove(file);
    INFO((read ? std::string() : read.error().message));
    REQUIRE(read.ok());
    CHECK(read->version == "V1 <$>");
    CHECK(read->sha256 == sha256_of(as_bytes(package)));
    REQUIRE(read->exchanges.size() == 2);
    const auto& first = read->exchanges[0];
    CHECK(first.path == "/a%00");
    CHECK(first.query == "x=<&\"$");
    CHECK(first.sent == "\x01$<");
    CHECK(fill_in(first.answer, {}, noon) == odd);
    CHECK(first.answer == lesson->update.exchanges[0].answer);
    CHECK(read->exchanges[1].role == UpdateExchange::Role::package);
}

TEST_CASE("checksums are those everybody else computes") {
    const auto of = [](std::string_view name, std::string_view form = "") {
        return written_checksum(checksum_of(name, as_bytes(std::string_view("123456789"))), form);
    };
    CHECK(of("crc32") == "cbf43926");
    CHECK(of("crc32", "upper") == "CBF43926");
    CHECK(of("crc32", "decimal") == "3421780262");
    CHECK(of("md5") == "25f9e794323b453885f5181f1b624d0b");
    CHECK(of("md5", "base64") == "JfnnlDI7RTiF9RgfG2JNCw==");
    CHECK(of("sha1") == "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    CHECK(of("sha1", "decimal").empty());
    CHECK(of("no-such-sum").empty());
}
