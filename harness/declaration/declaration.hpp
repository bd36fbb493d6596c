#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/ip.hpp"
#include "harness/core/markup/markup.hpp"

namespace cambench {

/// One endpoint the vendor says the camera talks to. Exactly one of `name` and `network` is set.
struct DeclaredDestination {
    std::optional<std::string> name;     ///< "time.vendor.example" or "*.cloud.vendor.example"
    std::optional<Cidr> network;         ///< a literal address or network
    std::optional<std::uint16_t> port;   ///< nullopt: any
    std::optional<Transport> transport;  ///< nullopt: any
    std::string protocol;  ///< "" when not stated, else a lower-case protocol name: ntp, tls, http, mqtt, ...
    std::string purpose;
    std::string when;  ///< free text; "" when not stated
    std::optional<Nanoseconds> every;
    std::optional<std::uint64_t> volume;  ///< bytes a period (`every`), or in all
    bool cloud = false;                   ///< silent while the operator has switched the cloud off
    unsigned line = 0;                    ///< in the declaration's file
};

/// One port the camera listens on.
struct DeclaredService {
    std::uint16_t port = 0;
    Transport transport = Transport::tcp;
    std::string protocol;
    std::string authentication;  ///< none, basic, digest, session, ...
};

/// A request to the camera's own web page, as its operator makes it.
struct DeclaredRequest {
    std::string request;  ///< "POST /path"; "": there is none
    std::string body, type;
};

/// What is declared of the serial console inside the unit.
struct DeclaredConsole {
    enum class Output { none, boot_log } output = Output::boot_log;
    std::optional<unsigned> baud;
};

/// Something the recording showed that a draft was learnt from, and that nobody has explained or ended yet.
struct Unexplained {
    std::string check;    ///< whose finding it is
    std::string finding;  ///< its title; "": whatever the check finds
    unsigned line = 0;    ///< where it is stated; 0: nowhere
};

/// The purpose of a drafted destination, until the vendor states it.
inline constexpr auto to_be_stated = "TO BE STATED";

/// What the vendor states of a unit (ETSI TS 103 701: ICS/IXIT).
struct Declaration {
    std::string file;
    std::string vendor, model, origin;

    struct Identity {
        std::string soc, firmware;  ///< "" when not stated; matched as the console or the network shows them
        std::string hostname;       ///< of DHCP requests; "*" stands for any characters (glob_matches)
        std::vector<std::string> mac_prefixes;  ///< "02:4b:52"
        std::vector<std::string>
            boot_lines;  ///< regular expressions (RE2) of which each must match a console line
    } identity;

    std::vector<DeclaredDestination> destinations;
    std::vector<DeclaredService> services;
    std::vector<Unexplained> unexplained;  ///< of a draft: no surprise in a recording, INCONCLUSIVE instead
                                           ///< of FAIL; in a run it excuses nothing

    using SerialConsole = DeclaredConsole;
    std::optional<SerialConsole> console;
    /// Regular expressions (RE2): each must match a line of every boot. Empty: no secure boot is declared.
    std::vector<std::string> secure_boot_markers;

    /// How the bench may look at the unit as its operator would: the account it was given for the tests, and
    /// the stream.
    struct Operator {
        std::string user, password;
        std::string stream;          ///< path of the main video stream, "/live"
        DeclaredRequest login = {};  ///< of the web page; its body may hold login_words()
        std::string login_good;      ///< RE2 that the body of a good answer fits; "": its status tells
        std::string session_token;   ///< keys of the token in the JSON of that answer; "": cookies
        std::string session_header;  ///< what carries the token, "Authorization: Bearer {token}"
        std::string session_over;    ///< RE2: an answer that asks for a login again
        DeclaredRequest factory_reset = {};
        unsigned line = 0;  ///< of <operator> in the declaration's file
    } operator_access;

    DeclaredRequest cloud_off,
        cloud_on;  ///< how the operator switches everything the unit does with its maker's cloud
    std::map<std::string, DeclaredRequest, std::less<>>
        stimuli;  ///< how what else happens to the unit is brought about for a test, by its name

    /// PEM file with the certificate and the key of an authority that the unit trusts for the tests: with it
    /// the bench can be its server. Empty: none. Read when a run needs it.
    std::filesystem::path test_authority;

    enum class ResolverSource { dhcp, any };  ///< dhcp: only the resolvers the network gave (the default)
    ResolverSource resolver = ResolverSource::dhcp;
    std::vector<IpAddress> resolvers;  ///< further resolvers the vendor declares
    std::vector<std::string>
        time_servers;  ///< names or addresses allowed for NTP beyond those given by DHCP option 42

    struct Updates {
        std::string consent, signature, rollback;
        std::string server;   ///< asked for updates
        std::string request;  ///< how the operator agrees: "POST /update/install"; "" : it is not known
        std::string upload;   ///< where a package from nearby goes: "POST /update/upload"
        std::string refused, installing, running;  ///< RE2: lines of the console; `running` has the version
                                                   ///< as its first group, the slot as its second
    } updates;
    std::optional<bool> video, audio;
    std::map<std::string, bool, std::less<>>
        abilities;  ///< all that are stated, by the attribute's name: "audio", "plates", ...
};

/// The table of <declaration>. Beyond it: a destination has a name or an address, none is declared twice, and
/// none is so wide that it declares nothing.
[[nodiscard]] const markup::Element& declaration_element();
[[nodiscard]] Result<Declaration> load_declaration(const std::filesystem::path& file,
                                                   markup::Problems& problems);

}  // namespace cambench
