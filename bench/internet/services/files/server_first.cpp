#include "bench/internet/services/files/server_first.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::int64_t seconds_before_1970 = 2'208'988'800;

struct Banner {
    std::uint16_t port;
    std::string_view text;
};
constexpr std::array banners{
    Banner{21, "220 FTP server ready\r\n"},
    Banner{23, "login: "},
    Banner{25, "220 mail ESMTP ready\r\n"},
    Banner{110, "+OK POP3 server ready\r\n"},
    Banner{119, "200 news server ready\r\n"},
    Banner{143, "* OK IMAP4rev1 server ready\r\n"},
    Banner{465, "220 mail ESMTP ready\r\n"},
    Banner{587, "220 mail ESMTP ready\r\n"},
    Banner{990, "220 FTP server ready\r\n"},
    Banner{993, "* OK IMAP4rev1 server ready\r\n"},
    Banner{995, "+OK POP3 server ready\r\n"},
    Banner{2121, "220 FTP server ready\r\n"},
    Banner{2323, "login: "},
    Banner{2525, "220 mail ESMTP ready\r\n"},
    Banner{6667, ":irc NOTICE * :*** Looking up your hostname...\r\n"},
};

std::string_view verb_of(std::string_view line) { return line.substr(0, line.find(' ')); }

LineReply telnet(std::string_view line) { return {line.empty() ? "login: " : "Password: "}; }

LineReply pop3(std::string_view line, bool starttls) {
    const auto verb = lower(verb_of(line));
    if (verb == "quit") return {"+OK\r\n", true};
    if (verb == "capa") return {fmt::format("+OK\r\nUSER\r\n{}.\r\n", starttls ? "STLS\r\n" : "")};
    if (verb == "stls") return starttls ? LineReply{"+OK\r\n", false, true} : LineReply{"-ERR\r\n"};
    if (line == verb_of(line) && (verb == "list" || verb == "uidl")) return {"+OK\r\n.\r\n"};
    return {lower(verb_of(line)) == "stat" ? "+OK 0 0\r\n" : "+OK\r\n"};
}

LineReply imap(std::string_view line, bool starttls) {
    const auto tag = verb_of(line);
    const auto command =
        lower(line.size() > tag.size() ? verb_of(line.substr(tag.size() + 1)) : std::string_view());
    if (command == "logout") return {fmt::format("* BYE\r\n{} OK LOGOUT completed\r\n", tag), true};
    if (command == "capability")
        return {fmt::format("* CAPABILITY IMAP4rev1{}\r\n{} OK done\r\n", starttls ? " STARTTLS" : "", tag)};
    if (command == "starttls")
        return starttls ? LineReply{fmt::format("{} OK begin TLS\r\n", tag), false, true}
                        : LineReply{fmt::format("{} BAD no TLS here\r\n", tag)};
    return {fmt::format("{} OK done\r\n", tag)};
}

}  // namespace

std::string banner(std::uint16_t port, WallTime now) {
    if (port == 13) return format_http_date(now) + "\r\n";
    if (port == 37) {
        const auto seconds = static_cast<std::uint32_t>(
            std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() + seconds_before_1970);
        std::string text;
        for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(seconds >> shift & 0xff);
        return text;
    }
    for (const auto& known : banners)
        if (known.port == port) return std::string(known.text);
    return {};
}

ServerFirst server_first(std::uint16_t port) {
    if (port == 21 || port == 990 || port == 2121) return ServerFirst::ftp;
    if (port == 25 || port == 465 || port == 587 || port == 2525) return ServerFirst::smtp;
    if (port == 22) return ServerFirst::ssh;
    return banner(port, {}).empty() ? ServerFirst::no : ServerFirst::other;
}

bool tls_first(std::uint16_t port) { return port == 465 || port == 990 || port == 993 || port == 995; }

std::string banner_for_the_mute(unsigned attempts) {
    // 220 is a word that both a mailer and an uploader wait for; what they then say tells them apart.
    static constexpr std::array<std::string_view, 3> tried{"220 server ready\r\n", "SSH-2.0-OpenSSH_8.4\r\n",
                                                           "login: "};
    return attempts == 0 ? std::string() : std::string(tried[(attempts - 1) % tried.size()]);
}

LineReply reply_to_line(std::uint16_t port, std::string_view line, bool starttls) {
    switch (port) {
        case 23:
        case 2323:
            return telnet(line);
        case 110:
        case 995:
            return pop3(line, starttls);
        case 143:
        case 993:
            return imap(line, starttls);
        default:
            return {};
    }
}

}  // namespace cambench::internet
