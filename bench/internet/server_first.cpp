#include "bench/internet/server_first.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::int64_t seconds_1900_to_1970 = 2'208'988'800;

struct Banner {
    std::uint16_t port;
    std::string_view text;
};
constexpr std::array banners{
    Banner{21, "220 FTP server ready\r\n"},
    Banner{22, "SSH-2.0-OpenSSH_8.4\r\n"},
    Banner{23, "login: "},
    Banner{25, "220 mail ESMTP ready\r\n"},
    Banner{110, "+OK POP3 server ready\r\n"},
    Banner{119, "200 news server ready\r\n"},
    Banner{143, "* OK IMAP4rev1 server ready\r\n"},
    Banner{465, "220 mail ESMTP ready\r\n"},
    Banner{587, "220 mail ESMTP ready\r\n"},
    Banner{993, "* OK IMAP4rev1 server ready\r\n"},
    Banner{995, "+OK POP3 server ready\r\n"},
    Banner{2323, "login: "},
    Banner{6667, ":irc NOTICE * :*** Looking up your hostname...\r\n"},
};

std::string_view verb_of(std::string_view line) { return line.substr(0, line.find(' ')); }

struct Reply {
    std::string_view verb, text;
};

LineReply smtp(std::string_view line, bool& in_message) {
    if (in_message) {
        if (line != ".") return {};
        in_message = false;
        return {"250 2.0.0 Ok: queued\r\n"};
    }
    const auto verb = lower(verb_of(line));
    if (verb == "ehlo") return {"250-mail\r\n250-SIZE 104857600\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n"};
    if (verb == "auth") {
        const bool with_response = split(line, ' ').size() > 2;
        return {with_response ? "235 2.7.0 Ok\r\n" : "334 \r\n"};
    }
    if (verb == "data") {
        in_message = true;
        return {"354 End data with <CR><LF>.<CR><LF>\r\n"};
    }
    if (verb == "quit") return {"221 2.0.0 Bye\r\n", true};
    static constexpr std::array<std::string_view, 5> known{"helo", "mail", "rcpt", "rset", "noop"};
    if (std::find(known.begin(), known.end(), verb) != known.end()) return {"250 2.1.0 Ok\r\n"};
    return {"235 2.7.0 Ok\r\n"};  // the second line of AUTH PLAIN
}

LineReply ftp(std::string_view line) {
    static constexpr std::array replies{Reply{"user", "331 Password required\r\n"}, Reply{"pass", "230 Logged in\r\n"},
                                        Reply{"syst", "215 UNIX Type: L8\r\n"},     Reply{"pwd", "257 \"/\" is the current directory\r\n"},
                                        Reply{"mkd", "257 \"/\" created\r\n"},      Reply{"feat", "211 No features\r\n"},
                                        Reply{"epsv", "229 Entering extended passive mode (|||30021|)\r\n"},
                                        Reply{"stor", "150 Ok to send data\r\n226 Transfer complete\r\n"},
                                        Reply{"appe", "150 Ok to send data\r\n226 Transfer complete\r\n"},
                                        Reply{"list", "150 Here it comes\r\n226 Directory sent\r\n"}};
    const auto verb = lower(verb_of(line));
    if (verb == "quit") return {"221 Goodbye\r\n", true};
    for (const auto& reply : replies)
        if (reply.verb == verb) return {std::string(reply.text)};
    if (verb == "retr" || verb == "size" || verb == "mdtm") return {"550 No such file\r\n"};
    return {"200 Ok\r\n"};
}

LineReply telnet(std::string_view line) { return {line.empty() ? "login: " : "Password: "}; }

LineReply pop3(std::string_view line) {
    if (lower(verb_of(line)) == "quit") return {"+OK\r\n", true};
    return {lower(verb_of(line)) == "stat" ? "+OK 0 0\r\n" : "+OK\r\n"};
}

LineReply imap(std::string_view line) {
    const auto tag = verb_of(line);
    const auto command = lower(line.size() > tag.size() ? verb_of(line.substr(tag.size() + 1)) : std::string_view());
    if (command == "logout") return {fmt::format("* BYE\r\n{} OK LOGOUT completed\r\n", tag), true};
    if (command == "capability") return {fmt::format("* CAPABILITY IMAP4rev1\r\n{} OK done\r\n", tag)};
    return {fmt::format("{} OK done\r\n", tag)};
}

}  // namespace

std::string banner(std::uint16_t port, WallTime now) {
    if (port == 13) return format_http_date(now) + "\r\n";
    if (port == 37) {
        const auto seconds = static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() + seconds_1900_to_1970);
        std::string text;
        for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(seconds >> shift & 0xff);
        return text;
    }
    for (const auto& known : banners)
        if (known.port == port) return std::string(known.text);
    return {};
}

LineReply reply_to_line(std::uint16_t port, std::string_view line, bool& in_message) {
    switch (port) {
        case 21: return ftp(line);
        case 23:
        case 2323: return telnet(line);
        case 25:
        case 465:
        case 587: return smtp(line, in_message);
        case 110:
        case 995: return pop3(line);
        case 143:
        case 993: return imap(line);
        default: return {};
    }
}

}  // namespace cambench::internet
