#pragma once

#include <string>
#include <vector>

#include "harness/core/markup/markup.hpp"

/// Texts of each kind that are right and wrong, for the parser and for the schema.
struct KindSamples {
    cambench::markup::Kind kind;
    std::vector<std::string> right, wrong;
    std::vector<std::string> choices = {};
    std::vector<std::string> wrong_in_parser_only =
        {};  ///< what a regular expression of the schema cannot judge
};

inline const std::vector<KindSamples>& kind_samples() {
    using enum cambench::markup::Kind;
    static const std::vector<KindSamples> samples{
        {text, {"", "anything at all"}, {}},
        {word, {"a", "front-door_2.b"}, {"", "two words", "ü", "a/b"}},
        {integer, {"0", "12"}, {"", "-1", "1.5", "x", "1 "}, {}, {"99999999999999999999"}},
        {number, {"0", "0.5", "12"}, {"", "-1", ".5", "5.", "1e3", "inf", "nan", "0x1"}},
        {port, {"1", "65535"}, {"", "-1", "http", "80/tcp"}, {}, {"0", "65536"}},
        {duration,
         {"500ms", "2s", "1.5h", "5m", "5min", "30d", "1us", "7ns"},
         {"", "2", "s", "-2s", "2 s", "1e3s", ".5s", "5.s", "2S", "2weeks"}},
        {timestamp,
         {"2026-11-21T09:00:00Z", "2026-11-21T09:00:00.125Z"},
         {"", "2026-11-21", "2026-11-21T09:00:00", "2026-1-2T3:4:5Z", "2026-11-21T09:00:00.Z"},
         {},
         {"2026-13-01T00:00:00Z"}},
        {flag, {"yes", "no"}, {"", "true", "1", "Yes"}},
        {choice, {"a.b", "c-d", "e|f"}, {"", "axb", "e", "c"}, {"a.b", "c-d", "e|f"}},
        {address, {"192.0.2.1", "2001:db8::1", "::"}, {"", "host", "192.0.2.1/24"}, {}, {"192.0.2.256"}},
        {network,
         {"192.0.2.0/24", "192.0.2.1", "2001:db8::/32"},
         {"", "host", "192.0.2.0/"},
         {},
         {"192.0.2.0/33"}},
        {mac, {"02:4b:52:00:00:01", "02-4B-52-00-00-01"}, {"", "02:4b:52", "02:4b:52:00:00:0g"}},
        {mac_prefix, {"02", "02:4b:52", "02-4b", "02:4b:52:00:00:01"}, {"", "2", "02:", "02:4b:5", "xx"}},
        {host,
         {"time.vendor.example", "*.vendor.example", "a_b.example", "nas"},
         {"", "*", "a.*.example", "a b", "ü.example"},
         {},
         {"192.0.2.1", ".a", "a..b", std::string(64, 'a') + ".example"}},
        {volume, {"200B", "2kB", "1.5MB", "1GB"}, {"", "2", "2KB", "-1B", "1e3B", "2 kB", "2kb"}},
        {path, {"../a.xml", "/a b"}, {}},
        {words, {"a b", ""}, {}},
        {pattern, {"login: $", "[0-9]+", ""}, {}, {}, {"(", "[a", "a**", "(?<=x)y"}},
    };
    return samples;
}
