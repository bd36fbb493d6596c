#include "harness/core/text.hpp"
#include "harness/wire/ftp_address.hpp"

#include "tests/catch.hpp"

using namespace cambench;
using Words = std::vector<std::string>;

TEST_CASE("foreign text is inert on a terminal", "[core]") {
    CHECK(inert("plain ünïcode 한글") == "plain ünïcode 한글");
    CHECK(inert("\x1b[31mred\x07") == "\\x1b[31mred\\x07");
    CHECK(inert(std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(inert("one\ntwo\r\tthree\x7f") == "one\\ntwo\\r\\tthree\\x7f");
    CHECK(inert("\xc2\x9b"
                "31m") == "\\xc2\\x9b31m");  // CSI as a C1 control
    CHECK(inert("\xe2\x80\xae"
                "gpj.exe") == "\\xe2\\x80\\xaegpj.exe");  // right-to-left override
    CHECK(inert("\xe2\x81\xa6") == "\\xe2\\x81\\xa6");
    CHECK(inert("\xe2\x82\xac") == "\xe2\x82\xac");  // the euro sign is harmless
}

TEST_CASE("broken UTF-8 is made visible or replaced, never passed on", "[core]") {
    for (const std::string broken : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                     "\xf0\x8f\xbf\xbf", "\x80", "\xe2\x82"}) {
        CAPTURE(broken);
        CHECK(inert(broken).find("\\x") == 0);
        CHECK(to_utf8("a" + broken + "b").find("\xef\xbf\xbd") == 1);
        CHECK(to_utf8("a" + broken + "b").back() == 'b');
    }
    CHECK(to_utf8("한글 \xf0\x9f\x93\xb7") == "한글 \xf0\x9f\x93\xb7");
}

TEST_CASE("a mistyped word finds the one that was meant", "[core]") {
    const Words steps{"power-on",   "power-off",     "observe", "repeat",
                      "await-boot", "await-console", "for",     "by"};
    CHECK(nearest("obsrve", steps) == "observe");
    CHECK(nearest("Observe", steps) == "observe");
    CHECK(nearest("fro", steps) == "for");
    CHECK(nearest("power_on", steps) == "power-on");
    CHECK(nearest("awiat-boot", steps) == "await-boot");
    CHECK(nearest("rep", steps) == "repeat");  // the only one that begins so
    CHECK(nearest("await", steps).empty());    // two begin so
    CHECK(nearest("isolate", steps).empty());
    CHECK(nearest("to", steps).empty());  // nothing of "by" is in it
    CHECK(nearest("", steps).empty());
    CHECK(nearest(std::string(100000, 'x'), steps).empty());
}

TEST_CASE("a star stands for any characters", "[core]") {
    CHECK(glob_matches("HV2100-*", "HV2100-000017"));
    CHECK(glob_matches("*", ""));
    CHECK(glob_matches("a*b*c", "a-xx-b-b-c"));
    CHECK(glob_matches("", ""));
    CHECK_FALSE(glob_matches("HV2100-*", "XHV2100-1"));
    CHECK_FALSE(glob_matches("a*b", "abc"));
    CHECK_FALSE(glob_matches("abc", "ab"));
    CHECK_FALSE(glob_matches("", "a"));
    CHECK(glob_matches("*a*a*a*a*a*a*a*a*b", std::string(2000, 'a') + "b"));
    CHECK_FALSE(glob_matches("*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST_CASE("words are split, joined and trimmed", "[core]") {
    CHECK(split(" a  b ", ' ') == Words{"a", "b"});
    CHECK(split("", ' ').empty());
    CHECK(join(Words{"a", "b", "c"}, ", ") == "a, b, c");
    CHECK(join(Words{}, ", ").empty());
    CHECK(join(Words{"", ""}, "-") == "-");
    CHECK(trim(" \t\r\n a b \n") == "a b");
    CHECK(trim(" \n").empty());
    CHECK(lower("ÄBC-9") == "Äbc-9");
}

TEST_CASE("the end an FTP client wants to be called at is read from PORT and EPRT", "[core]") {
    const Endpoint plain{IpAddress::parse("192.0.2.1").value(), 5001},
        six{IpAddress::parse("2001:db8::1").value(), 5001};
    CHECK(parse_ftp_port_command("PORT 192,0,2,1,19,137\r\n") == plain);
    CHECK(parse_ftp_port_command("eprt |1|192.0.2.1|5001|") == plain);
    CHECK(parse_ftp_port_command("EPRT |2|2001:db8::1|5001|\r\n") == six);
    for (const auto* text : {"", "PORT", "PORT ", "PORT 1,2,3", "PORT 300,1,1,1,1,1", "EPRT ", "EPRT |1|x|5|",
                             "EPRT |1|192.0.2.1|99999|", "EPRT |1|192.0.2.1|0|", "STOR 1,2,3,4,5,6"})
        CHECK_FALSE(parse_ftp_port_command(text));
}

TEST_CASE("base64 comes back as it was, and what is none is told", "[core]") {
    for (const auto* text : {"", "f", "fo", "foo", "foobar", "\xff\xfe\xfd"})
        CHECK(from_base64(base64(text)) == std::string(text));
    CHECK_FALSE(from_base64("not base64!!").has_value());
}

TEST_CASE("base64 gives the vectors of RFC 4648", "[core]") {
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}
