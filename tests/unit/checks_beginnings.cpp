#include "tests/unit/beginnings.hpp"

using namespace cambench;
using namespace cambench::beginnings;

/// A table of what recordings may begin with, each in every setting, and the verdicts that are right.
namespace cambench::beginnings {
namespace {

constexpr auto passes = Verdict::pass, fails = Verdict::fail, unsure = Verdict::inconclusive;

struct Opening {
    std::string what;
    std::function<void(Life&)> act;
    Verdict literal;
    std::optional<Verdict> declared, resolvers = {};  ///< nullopt: not the point
};

void calls(Life& life, unsigned ports_further = 0) {
    life.connect(life.peer(), static_cast<std::uint16_t>(life.setting().port + ports_further),
                 to_bytes("\x01\x10 hello"));
}

void keeps_calling(Life& life, int times) {
    for (int i = 0; i < times; ++i) life.pause(5).datagram_out().datagram_in();
}

/// What an earlier session leaves behind: said by the peer alone, or refused by the camera.
std::vector<Opening> leftovers() {
    return {
        {"a late acknowledgement before it joins",
         [](Life& life) { life.segment_in(ack).pause(1).joins().lives_honestly(); }, passes, passes, passes},
        {"a late end after it joined",
         [](Life& life) { life.joins().pause(1).segment_in(fin | ack).lives_honestly(); }, passes, passes,
         passes},
        {"a late reset", [](Life& life) { life.joins().lives_honestly().segment_in(rst); }, passes, passes,
         passes},
        {"late data, sent again and again",
         [](Life& life) {
             life.joins();
             for (int i = 0; i < 4; ++i)
                 life.pause(1).in(
                     life.peer(), 6,
                     tcp(life.setting().port, life.setting().own_port, 70, 80, ack | psh, to_bytes("late")));
             life.lives_honestly();
         },
         passes, passes, passes},
        {"a late end that the camera refuses",
         [](Life& life) { life.joins().lives_honestly().segment_in(fin | ack).segment_out(rst); }, passes,
         passes, passes},
        {"late data without a start on record",
         [](Life& life) { life.segment_in(ack | psh, to_bytes("late")).lives_honestly(); }, passes, passes},
        {"late datagrams",
         [](Life& life) { life.datagram_in().pause(1).joins().lives_honestly().datagram_in(); }, passes,
         passes, passes},
        {"an echo reply to nothing",
         [](Life& life) {
             life.joins().in(life.peer(), life.setting().six() ? 58 : 1,
                             icmp_echo(7, to_bytes("ping"), life.setting().six() ? 129 : 0));
             life.lives_honestly();
         },
         passes, passes, passes},
        {"a call of a stranger that nobody takes",
         [](Life& life) {
             life.joins().in(life.peer(), 6, tcp(life.setting().port, 23, 1, 0, syn));
             life.lives_honestly();
         },
         passes, passes, passes},
        {"only the peer's half of a conversation",
         [](Life& life) {
             life.joins();
             for (int i = 0; i < 4; ++i)
                 life.pause(1).says_unrecorded(100).segment_in(ack | psh, to_bytes("answer"));
             life.lives_honestly();
         },
         unsure, unsure, passes},
        {"a late end that the camera itself sends",
         [](Life& life) { life.segment_out(fin | ack).pause(1).joins().lives_honestly(); }, unsure, unsure,
         passes},
    };
}

std::vector<Opening> under_way() {
    const auto stream = [](Life& life, bool camera_first) {
        for (int i = 0; i < 6; ++i) {
            if (camera_first || i > 0) life.segment_out(ack | psh, to_bytes("\x01\x02 data"));
            life.segment_in(ack | psh, to_bytes("\x03\x04 data")).pause(3);
        }
    };
    return {
        {"a connection that runs",
         [=](Life& life) {
             stream(life, true);
             life.lives_honestly();
         },
         unsure, unsure},
        {"a connection that runs, the peer first",
         [=](Life& life) {
             stream(life, false);
             life.lives_honestly();
         },
         unsure, unsure},
        {"a connection that runs, and nothing else", [=](Life& life) { stream(life, true); }, unsure, unsure},
        {"a connection that runs amid an honest life",
         [=](Life& life) {
             life.lives_honestly();
             stream(life, true);
         },
         unsure, unsure},
        {"a connection that runs, and a new one to the same end",
         [=](Life& life) {
             stream(life, true);
             life.lives_honestly();
             calls(life);
         },
         unsure, std::nullopt},
        {"a connection that runs, and a new one to another port there",
         [=](Life& life) {
             stream(life, true);
             life.lives_honestly();
             calls(life, 1);
         },
         unsure, fails},
        {"a connection that runs, then the camera joins",
         [=](Life& life) {
             stream(life, true);
             life.joins().lives_honestly();
         },
         unsure, unsure, passes},
        {"datagrams from the first moment to the last",
         [](Life& life) {
             life.datagram_out().datagram_in();
             keeps_calling(life, 8);
         },
         unsure, unsure},
        {"datagrams of which the peer's is the first on record",
         [](Life& life) {
             life.datagram_in().datagram_out();
             keeps_calling(life, 8);
         },
         unsure, unsure},
        {"datagrams every five seconds, beside an honest life",
         [](Life& life) {
             life.lives_honestly();
             life.now = life.setting().start + 3s;
             keeps_calling(life, 8);
         },
         unsure, unsure},
        {"the peer's datagram late in the recording, then the camera's",
         [](Life& life) { life.lives_honestly().pause(30).datagram_in().datagram_out(); }, unsure, unsure},
        {"the peer's datagram after the camera joined, then the camera's",
         [](Life& life) { life.joins().lives_honestly().pause(30).datagram_in().datagram_out(); }, unsure,
         unsure, passes},
        {"one stream of datagrams without a pause",
         [](Life& life) {
             for (int i = 0; i < 40; ++i) life.wait(50ms), life.datagram_out();
             life.lives_honestly();
         },
         unsure, unsure},
    };
}

std::vector<Opening> before_joining() {
    return {
        {"a call before it joins",
         [](Life& life) {
             calls(life);
             life.pause(8).joins().lives_honestly();
         },
         unsure, unsure, passes},
        {"a datagram before it joins",
         [](Life& life) { life.datagram_out().datagram_in().pause(8).joins().lives_honestly(); }, unsure,
         unsure, passes},
        {"a ping before it joins",
         [](Life& life) {
             life.out(life.peer(), life.setting().six() ? 58 : 1,
                      icmp_echo(9, to_bytes("ping"), life.setting().six() ? 128 : 8));
             life.pause(8).joins().lives_honestly();
         },
         unsure, unsure, passes},
        {"datagrams before it joins, and on from the same socket",
         [](Life& life) {
             life.datagram_out().datagram_in().pause(1).joins();
             keeps_calling(life, 5);
             life.lives_honestly();
         },
         unsure, unsure, passes},
        {"a call when the recording begins, with look-ups later",
         [](Life& life) {
             calls(life);
             life.lives_honestly();
         },
         unsure, fails},
        {"calls in a recording without any look-up",
         [](Life& life) {
             life.pause(20);
             calls(life);
             life.pause(20);
             calls(life);
         },
         unsure, fails},
        {"the time of a server that the network may have given",
         [](Life& life) {
             life.lives_honestly().pause(9).datagram(life.peer(), 123, ntp_request(), ntp_request());
         },
         unsure, unsure},
        {"an answer whose question came before",
         [](Life& life) {
             life.in(life.resolver, 17,
                     udp(53, 41999,
                         dns_answer(7, "b.cloud.vendor.example",
                                    {address_record("b.cloud.vendor.example", life.peer())},
                                    life.setting().six() ? 28 : 1)));
             life.pause(1).connect(life.peer(), 443, client_hello(""));
             life.lives_honestly();
         },
         unsure, unsure},
    };
}

/// Whose guilt is on record, whatever is left over beside it.
std::vector<Opening> offenders() {
    return {
        {"joins, and calls a literal",
         [](Life& life) {
             life.joins().lives_honestly();
             calls(life);
         },
         fails, fails, passes},
        {"joins, and calls a literal that never answers",
         [](Life& life) {
             life.joins().lives_honestly().out(life.peer(), 6,
                                               tcp(life.setting().own_port, life.setting().port, 1, 0, syn));
         },
         fails, fails, passes},
        {"joins, and sends datagrams to a literal",
         [](Life& life) {
             life.joins();
             keeps_calling(life, 5);
             life.lives_honestly();
         },
         fails, fails, passes},
        {"joins, and pings a literal",
         [](Life& life) {
             life.joins().lives_honestly().out(
                 life.peer(), life.setting().six() ? 58 : 1,
                 icmp_echo(9, to_bytes("ping"), life.setting().six() ? 128 : 8));
         },
         fails, fails, passes},
        {"joins, and asks a literal for the time",
         [](Life& life) {
             life.joins().is_told_by_advertisement().lives_honestly().datagram(life.peer(), 123,
                                                                               ntp_request(), ntp_request());
         },
         fails, fails, passes},
        {"a literal after a leftover of it",
         [](Life& life) {
             life.segment_in(fin | ack).pause(1).joins().lives_honestly();
             calls(life);
         },
         fails, fails, passes},
        {"a literal from the socket that a leftover datagram came to",
         [](Life& life) {
             life.datagram_in().pause(1).joins();
             keeps_calling(life, 4);
             life.lives_honestly();
         },
         fails, fails, passes},
        {"a literal amid look-ups that are on record",
         [](Life& life) {
             life.lives_honestly().pause(10);
             calls(life);
             life.lives_honestly();
         },
         fails, fails},
        {"leaves its subnet by its maker's undeclared name",
         [](Life& life) {
             life.joins().resolve("c2.evil.example", life.peer());
             calls(life);
             life.lives_honestly();
         },
         passes, fails, passes},
    };
}

void each(const std::vector<Opening>& stories) {
    const auto declaration = vendor_of_stories();
    for (const auto& story : stories) {
        for (const auto& setting : settings()) {
            Life life(setting);
            story.act(life);
            const auto observations = seen(life);
            const auto verdict = [&](const std::string& check, const Declaration* with) {
                const auto result = judged(check, observations, with);
                UNSCOPED_INFO(check << ": " << to_string(result.verdict) << " " << result.title << " | "
                                    << (result.findings.empty() ? "" : result.findings.front().detail));
                return result.verdict;
            };
            INFO(story.what << ", " << setting.what);
            CHECK(verdict("no-literal-addresses", nullptr) == story.literal);
            CHECK(verdict("no-literal-addresses", &declaration) == story.literal);
            if (story.declared) CHECK(verdict("only-declared-destinations", &declaration) == *story.declared);
            if (story.resolvers) CHECK(verdict("resolver-discipline", &declaration) == *story.resolvers);
            accuses_nobody_unheard(life, observations, declaration);
        }
    }
}

}  // namespace

TEST_CASE("what_an_older_session_leaves_behind_is_no_destination_of_the_camera", "[checks][beginnings]") {
    each(leftovers());
}
TEST_CASE("what_was_under_way_is_listed_and_proves_nothing", "[checks][beginnings]") { each(under_way()); }
TEST_CASE("what_came_before_the_camera_joined_proves_nothing", "[checks][beginnings]") {
    each(before_joining());
}
TEST_CASE("what_the_camera_began_after_it_joined_is_judged_whatever_is_left_over", "[checks][beginnings]") {
    each(offenders());
}

TEST_CASE("a_session_under_way_has_a_row_of_its_own", "[checks][beginnings]") {
    for (const auto& setting : settings()) {
        for (const bool stream : {true, false}) {
            Life life(setting);
            life.lives_honestly();
            if (stream)
                life.segment_in(ack | psh, to_bytes("a")).segment_out(ack | psh, to_bytes("b"));
            else
                life.datagram_in().datagram_out();
            const auto observations = seen(life);
            INFO(setting.what << (stream ? ", a connection" : ", datagrams"));
            const auto* row = find(observations, setting.peer, setting.port);
            REQUIRE(row != nullptr);
            CHECK(row->under_way);
            CHECK(observations.visitors.empty());
        }
    }
}

}  // namespace cambench::beginnings
