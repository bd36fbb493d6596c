#include <fmt/format.h>

#include "bench/internet/world/personality.hpp"

namespace cambench::internet {
namespace {

using markup::Attribute;
using markup::Element;
using markup::Kind;

const Element& dns_element() {
    static const Element element{
        .name = "dns",
        .doc = "What the resolver says to one name, or to all names below one ('*.vendor.example').",
        .attributes = {{.name = "name", .kind = Kind::host, .doc = "The name asked for.", .required = true},
                       {.name = "address",
                        .kind = Kind::address,
                        .doc = "The address given instead of one of the name's own."},
                       {.name = "answer",
                        .kind = Kind::choice,
                        .doc = "The refusal given instead of an address.",
                        .choices = {"nxdomain", "servfail", "refuse", "silent"}},
                       {.name = "text", .kind = Kind::text, .doc = "What TXT says."},
                       {.name = "service",
                        .kind = Kind::text,
                        .doc = "HOST:PORT that SRV, SVCB and HTTPS tell."},
                       {.name = "fails-first",
                        .kind = Kind::integer,
                        .doc = "So many questions fail before it is answered.",
                        .fallback = "0"},
                       {.name = "failure",
                        .kind = Kind::choice,
                        .doc = "How they fail.",
                        .fallback = "silent",
                        .choices = {"nxdomain", "servfail", "refuse", "silent"}}},
        .one_of = {{"address", "answer", "text", "service", "fails-first"}}};
    return element;
}

const Element& header_element() {
    static const Element element{
        .name = "header",
        .doc = "A header field of an answer; takes the place of the server's own of that name.",
        .attributes = {{.name = "name", .kind = Kind::word, .doc = "The field's name.", .required = true},
                       {.name = "value", .kind = Kind::text, .doc = "The field's value.", .required = true}}};
    return element;
}

const Element& answer_element() {
    static const Element element{
        .name = "answer",
        .doc = "One answer; the text between the tags is the body and may hold ${placeholders}.",
        .attributes =
            {{.name = "status", .kind = Kind::integer, .doc = "The status code.", .fallback = "200"},
             {.name = "body", .kind = Kind::text, .doc = "A body, for one that fits into an attribute."},
             {.name = "file", .kind = Kind::path, .doc = "A file whose content is the body, as it is."},
             {.name = "delay",
              .kind = Kind::duration,
              .doc = "How long the answer takes.",
              .fallback = "0s"}},
        .children = {{&header_element()}},
        .content = Element::Content::text};
    return element;
}

const Element& http_route_element() {
    static const Element element{.name = "http-route",
                                 .doc =
                                     "What web servers say to some requests: each request takes the next "
                                     "answer, the last one repeats.",
                                 .attributes = {{.name = "host",
                                                 .kind = Kind::text,
                                                 .doc = "A name, an address, '*.vendor.example' or '*'.",
                                                 .fallback = "*"},
                                                {.name = "path",
                                                 .kind = Kind::text,
                                                 .doc = "The path; '*' stands for any characters.",
                                                 .fallback = "*"},
                                                {.name = "method",
                                                 .kind = Kind::word,
                                                 .doc = "The method, such as POST; any when left out."}},
                                 .children = {{&answer_element(), 1}}};
    return element;
}

const Element& mqtt_retained_element() {
    static const Element element{
        .name = "mqtt-retained",
        .doc =
            "A message every MQTT broker hands to whoever subscribes to its topic; the text between the tags "
            "is its content.",
        .attributes = {{.name = "topic",
                        .kind = Kind::text,
                        .doc = "The topic it was published to; with '*' for any characters, whatever topic "
                               "was subscribed to.",
                        .required = true},
                       {.name = "qos",
                        .kind = Kind::choice,
                        .doc = "How surely it is delivered, unless the subscriber asks for less.",
                        .fallback = "0",
                        .choices = {"0", "1", "2"}},
                       {.name = "content",
                        .kind = Kind::text,
                        .doc = "The content, for one that fits into an attribute."}},
        .content = Element::Content::text};
    return element;
}

const Element& ntp_element() {
    static const Element answer{
        .name = "answer",
        .doc =
            "What one question gets: each takes the next, the last repeats. Without attributes: the clock's "
            "time.",
        .attributes = {
            {.name = "time", .kind = Kind::timestamp, .doc = "This very time."},
            {.name = "ahead",
             .kind = Kind::duration,
             .doc = "The clock's time and so much more.",
             .fallback = "0s"},
            {.name = "behind",
             .kind = Kind::duration,
             .doc = "The clock's time less so much.",
             .fallback = "0s"},
            {.name = "says",
             .kind = Kind::choice,
             .doc = "nothing, or the refusal of a server that is asked too often or by the wrong one.",
             .choices = {"nothing", "rate", "denied"}}}};
    static const Element element{
        .name = "ntp",
        .doc = "How time servers tell the time.",
        .attributes = {{.name = "leap",
                        .kind = Kind::choice,
                        .doc = "What they say of a leap second tonight, or that they do not know the time.",
                        .fallback = "none",
                        .choices = {"none", "insert", "remove", "unsynchronised"}},
                       {.name = "stratum",
                        .kind = Kind::integer,
                        .doc = "How far from a reference clock they claim to be, 1 to 16.",
                        .fallback = "2"},
                       {.name = "gains",
                        .kind = Kind::duration,
                        .doc = "What the told time gains in an hour.",
                        .fallback = "0s"},
                       {.name = "loses",
                        .kind = Kind::duration,
                        .doc = "What the told time loses in an hour.",
                        .fallback = "0s"}},
        .children = {{&answer}}};
    return element;
}

const Element& dialogue_element() {
    static const Element element{
        .name = "dialogue",
        .doc =
            "Servers that say what they said in a recording; 'cambench learn-dialogues' makes such a file of "
            "one.",
        .attributes = {
            {.name = "file", .kind = Kind::path, .doc = "A file of <dialogues>.", .required = true}}};
    return element;
}

const Element& conditions_element() {
    static const Element element{
        .name = "conditions",
        .doc = "How good the way to the servers is; the local network stays as it is.",
        .attributes = {
            {.name = "latency", .kind = Kind::duration, .doc = "Added to every answer.", .fallback = "0s"},
            {.name = "jitter",
             .kind = Kind::duration,
             .doc = "Up to so much more, by chance.",
             .fallback = "0s"},
            {.name = "loss",
             .kind = Kind::number,
             .doc = "Per cent of packets lost: datagrams each way, and TCP's answers come late by a "
                    "repetition for each.",
             .fallback = "0"},
            {.name = "resets",
             .kind = Kind::number,
             .doc = "Per cent of TCP connections reset after the camera's first bytes.",
             .fallback = "0"},
            {.name = "bandwidth",
             .kind = Kind::volume,
             .doc = "What one TCP connection carries in a second, each way; unlimited when left out."}}};
    return element;
}

const Element& outage_element() {
    static const Element element{
        .name = "outage",
        .doc = "No server can be reached for a while; names still resolve.",
        .attributes = {
            {.name = "after", .kind = Kind::duration, .doc = "From the run's beginning.", .required = true},
            {.name = "for", .kind = Kind::duration, .doc = "How long.", .required = true},
            {.name = "every",
             .kind = Kind::duration,
             .doc = "Repeats with this period; once when left out."}}};
    return element;
}

std::string words_of(const std::vector<CertificateKind>& certificates) {
    std::string words;
    for (const auto kind : certificates)
        words += fmt::format("{}{}", words.empty() ? "" : " ", to_string(kind));
    return words;
}

const Element& tls_element() {
    static const Element element{
        .name = "tls",
        .doc =
            "Puts the camera's TLS to the test: every server, by name and port, shows one certificate after "
            "the other; in the end that of the "
            "authority the declaration gives.",
        .attributes = {{.name = "certificates",
                        .kind = Kind::words,
                        .doc = "Which ones, in this order.",
                        .fallback = words_of(defective_certificates())},
                       {.name = "attempts",
                        .kind = Kind::integer,
                        .doc = "So many attempts with each certificate at each server.",
                        .fallback = "1"},
                       {.name = "rounds",
                        .kind = Kind::integer,
                        .doc = "So often through the list: some cameras give way after failures.",
                        .fallback = "1"}}};
    return element;
}

}  // namespace

const markup::Element& internet_element() {
    static const Element element{
        .name = "internet",
        .doc =
            "The fake internet the camera finds: how much of it answers, what time it tells, what it says.",
        .attributes =
            {{.name = "personality",
              .kind = Kind::choice,
              .doc =
                  "open: everything answers; resolver-only: names are resolved and nothing "
                  "else; silent: only DHCP, as on a network cut off; dead-cloud: names and time, but no "
                  "server answers; other-country: the public address is one of China; next-year: the clock "
                  "is a year ahead.",
              .fallback = "open",
              .choices = {"open", "resolver-only", "silent", "dead-cloud", "other-country", "next-year"}},
             {.name = "clock",
              .kind = Kind::timestamp,
              .doc = "The time told by NTP and HTTP when the run begins; the real time when left out."},
             {.name = "country",
              .kind = Kind::word,
              .doc = "The country geolocation services tell, as two letters."},
             {.name = "public-address",
              .kind = Kind::address,
              .doc = "The camera's own address as servers tell it."},
             {.name = "lease",
              .kind = Kind::duration,
              .doc =
                  "How long addresses given by DHCP hold, 10s at least; the camera asks again at half of it.",
              .fallback = "10m"},
             {.name = "refuse-first",
              .kind = Kind::integer,
              .doc = "So many servers, as the camera tries them, are out of reach: shows all it knows.",
              .fallback = "0"},
             {.name = "captive-portal",
              .kind = Kind::flag,
              .doc = "Plain HTTP is sent to a page to log in, as in a hotel.",
              .fallback = "no"},
             {.name = "starttls",
              .kind = Kind::flag,
              .doc = "Mail and file servers offer to go on in TLS. Without the offer a camera that insists "
                     "on it leaves; another goes on in clear.",
              .fallback = "yes"},
             {.name = "certificates",
              .kind = Kind::choice,
              .doc = "Whose certificates servers show: the bench's own, which no camera knows; those of the "
                     "<test-authority> of the declaration, which the unit trusts.",
              .fallback = "bench",
              .choices = {"bench", "given"}}},
        .children = {{&dns_element()},
                     {&http_route_element()},
                     {&update_element()},
                     {&mqtt_retained_element()},
                     {&ntp_element(), 0, 1},
                     {&dialogue_element()},
                     {&conditions_element(), 0, 1},
                     {&outage_element()},
                     {&tls_element(), 0, 1}}};
    return element;
}

}  // namespace cambench::internet
