#include "harness/declaration/declaration_xml.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <sstream>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

class Writer {
public:
    explicit Writer(const Declaration& declaration) : declaration_(declaration) {}

    std::string write(const DeclarationRemarks& remarks) {
        remark(document_, remarks.head);
        root_ = document_.append_child("declaration");
        set(root_, "vendor", declaration_.vendor);
        set(root_, "model", declaration_.model);
        set_given(root_, "origin", declaration_.origin);
        identity();
        destinations(remarks);
        services();
        unexplained();
        discipline();
        console();
        updates();
        abilities();
        operator_access();
        operation();
        std::ostringstream out;
        document_.save(out, "  ", pugi::format_default | pugi::format_no_declaration);
        return out.str();
    }

private:
    static void set(pugi::xml_node node, const char* name, const std::string& value) {
        node.append_attribute(name).set_value(inert(value).c_str());
    }
    static void set_given(pugi::xml_node node, const char* name, const std::string& value) {
        if (!value.empty()) set(node, name, value);
    }

    /// A comment ends at the first "--": foreign text must not bring one.
    static void remark(pugi::xml_node parent, const std::string& text) {
        if (text.empty()) return;
        auto safe = inert(text);
        for (auto at = safe.find("--"); at != std::string::npos; at = safe.find("--", at))
            safe.replace(at, 2, "- -");
        parent.append_child(pugi::node_comment).set_value((" " + safe + " ").c_str());
    }

    void identity() {
        auto node = root_.append_child("identity");
        const auto& identity = declaration_.identity;
        set_given(node, "soc", identity.soc);
        set_given(node, "firmware", identity.firmware);
        set_given(node, "mac-prefix", join(identity.mac_prefixes, " "));
        set_given(node, "hostname", identity.hostname);
        for (const auto& line : identity.boot_lines) set(node.append_child("boot-line"), "match", line);
    }

    void destinations(const DeclarationRemarks& remarks) {
        for (std::size_t i = 0; i < declaration_.destinations.size(); ++i) {
            if (const auto found = remarks.destinations.find(i); found != remarks.destinations.end())
                remark(root_, found->second);
            destination(declaration_.destinations[i]);
        }
        for (const auto& text : remarks.left_out) remark(root_, text);
    }

    void destination(const DeclaredDestination& entry) {
        auto node = root_.append_child("destination");
        if (entry.name)
            set(node, "name", *entry.name);
        else if (entry.network)
            set(node, "address", entry.network->to_string());
        if (entry.port) set(node, "port", fmt::format("{}", *entry.port));
        if (entry.transport) set(node, "transport", std::string(to_string(*entry.transport)));
        set_given(node, "protocol", entry.protocol);
        set(node, "purpose", entry.purpose);
        set_given(node, "when", entry.when);
        if (entry.every) set(node, "every", format_duration(*entry.every));
        if (entry.volume) set(node, "volume", fmt::format("{}B", *entry.volume));
        if (entry.cloud) set(node, "cloud", "yes");
    }

    void services() {
        for (const auto& service : declaration_.services) {
            auto node = root_.append_child("service");
            set(node, "port", fmt::format("{}", service.port));
            set(node, "transport", std::string(to_string(service.transport)));
            set(node, "protocol", service.protocol);
            set_given(node, "authentication", service.authentication);
        }
    }

    void unexplained() {
        for (const auto& one : declaration_.unexplained) {
            auto node = root_.append_child("unexplained");
            set(node, "check", one.check);
            set_given(node, "finding", one.finding);
        }
    }

    void discipline() {
        set(root_.append_child("resolver"), "from",
            declaration_.resolver == Declaration::ResolverSource::any ? "any" : "dhcp");
        for (const auto& address : declaration_.resolvers)
            set(root_.append_child("resolver"), "address", address.to_string());
        for (const auto& server : declaration_.time_servers)
            set(root_.append_child("time-server"), IpAddress::parse(server) ? "address" : "name", server);
    }

    void console() {
        if (declaration_.console) {
            auto node = root_.append_child("console");
            set(node, "output",
                declaration_.console->output == Declaration::SerialConsole::Output::none ? "none"
                                                                                         : "boot-log");
            if (declaration_.console->baud) set(node, "baud", fmt::format("{}", *declaration_.console->baud));
        }
        for (const auto& marker : declaration_.secure_boot_markers)
            set(root_.append_child("secure-boot"), "marker", marker);
    }

    void updates() {
        const auto& updates = declaration_.updates;
        const std::array<std::pair<const char*, const std::string&>, 9> fields{
            {{"consent", updates.consent},
             {"signature", updates.signature},
             {"rollback", updates.rollback},
             {"server", updates.server},
             {"request", updates.request},
             {"upload", updates.upload},
             {"refused", updates.refused},
             {"installing", updates.installing},
             {"running", updates.running}}};
        if (std::all_of(fields.begin(), fields.end(), [](const auto& field) { return field.second.empty(); }))
            return;
        auto node = root_.append_child("updates");
        for (const auto& [name, value] : fields) set_given(node, name, value);
    }

    void abilities() {
        if (declaration_.abilities.empty()) return;
        auto node = root_.append_child("abilities");
        for (const auto& [name, present] : declaration_.abilities)
            set(node, name.c_str(), present ? "yes" : "no");
    }

    void operator_access() {
        const auto& access = declaration_.operator_access;
        if (access.user.empty()) return;
        auto node = root_.append_child("operator");
        set(node, "user", access.user);
        set(node, "password", access.password);
        set_given(node, "stream", access.stream);
        request(node, access.login, "login", "login-body");
        if (!access.login.request.empty()) set_given(node, "login-type", access.login.type);
        set_given(node, "login-good", access.login_good);
        set_given(node, "session-token", access.session_token);
        if (!access.session_token.empty()) set_given(node, "session-header", access.session_header);
        set_given(node, "session-over", access.session_over);
        request(node, access.factory_reset, "factory-reset", "factory-reset-body");
        if (!access.factory_reset.request.empty())
            set_given(node, "factory-reset-type", access.factory_reset.type);
    }

    static void request(pugi::xml_node node, const DeclaredRequest& request, const char* name,
                        const char* body) {
        set_given(node, name, request.request);
        set_given(node, body, request.body);
    }

    void operation() {
        if (!declaration_.cloud_off.request.empty()) {
            auto node = root_.append_child("cloud");
            request(node, declaration_.cloud_off, "off", "off-body");
            request(node, declaration_.cloud_on, "on", "on-body");
            set_given(node, "type", declaration_.cloud_off.type);
        }
        for (const auto& [name, stimulus] : declaration_.stimuli) {
            auto node = root_.append_child("stimulus");
            set(node, "name", name);
            request(node, stimulus, "request", "body");
            set_given(node, "type", stimulus.type);
        }
    }

    const Declaration& declaration_;
    pugi::xml_document document_;
    pugi::xml_node root_;
};

}  // namespace

std::string declaration_xml(const Declaration& declaration, const DeclarationRemarks& remarks) {
    return Writer(declaration).write(remarks);
}

}  // namespace cambench
