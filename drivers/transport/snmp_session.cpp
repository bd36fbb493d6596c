#include "drivers/transport/snmp_session.hpp"

#include <fmt/format.h>

// The library's headers in the order it asks for.
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <cstdlib>
#include <mutex>

#include "harness/core/text.hpp"

namespace cambench {
namespace {

constexpr int repetitions = 2;

struct SessionDeleter {
    void operator()(void* session) const { snmp_sess_close(session); }
};
using Session = std::unique_ptr<void, SessionDeleter>;

struct PduDeleter {
    void operator()(netsnmp_pdu* pdu) const { snmp_free_pdu(pdu); }
};
using Pdu = std::unique_ptr<netsnmp_pdu, PduDeleter>;

std::vector<oid> native(const SnmpName& name) { return {name.begin(), name.end()}; }

std::string text_of(const SnmpName& name) {
    std::string text;
    for (const auto part : name) text += (text.empty() ? "" : ".") + std::to_string(part);
    return text;
}

/// The library reads configuration and MIB files of the host unless told not to: nothing but our arguments
/// counts.
void prepare_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Without any handler the library would write to standard error.
        snmp_disable_log();
        netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG);
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
        // A directory of its own that does not exist: no MIB files are read.
        netsnmp_set_mib_directory("/nonexistent");
        init_snmp("cambench");
    });
}

std::string library_text(netsnmp_session* session, void* handle) {
    char* text = nullptr;
    int system = 0, library = 0;
    if (handle != nullptr)
        snmp_sess_error(handle, &system, &library, &text);
    else
        snmp_error(session, &system, &library, &text);
    const auto result =
        fmt::format("{} ({})", text != nullptr ? inert(text) : std::string("no reason given"), library);
    std::free(text);
    return result;
}

class LibrarySession final : public SnmpSession {
public:
    LibrarySession(Session session, std::string what)
        : session_(std::move(session)), what_(std::move(what)) {}

    Result<std::vector<std::int64_t>> get(const std::vector<SnmpName>& names) override {
        Pdu request(snmp_pdu_create(SNMP_MSG_GET));
        for (const auto& name : names) {
            const auto parts = native(name);
            snmp_add_null_var(request.get(), parts.data(), parts.size());
        }
        TRY_ASSIGN(const auto answer, ask(std::move(request), names));
        std::vector<std::int64_t> values;
        for (const auto* variable = answer->variables; variable != nullptr;
             variable = variable->next_variable) {
            if (values.size() == names.size()) break;
            const auto& name = names[values.size()];
            if (variable->type == SNMP_NOSUCHOBJECT || variable->type == SNMP_NOSUCHINSTANCE)
                return bench_error(fmt::format("{}: it has no {}", what_, text_of(name)));
            if (variable->type != ASN_INTEGER || variable->val.integer == nullptr)
                return bench_error(
                    fmt::format("{}: {} is no integer (type {})", what_, text_of(name), variable->type));
            values.push_back(*variable->val.integer);
        }
        if (values.size() != names.size())
            return bench_error(fmt::format("{}: {} of {} values came", what_, values.size(), names.size()));
        return values;
    }

    Status set(const SnmpName& name, std::int32_t value) override {
        Pdu request(snmp_pdu_create(SNMP_MSG_SET));
        const auto parts = native(name);
        const long native_value = value;
        snmp_pdu_add_variable(request.get(), parts.data(), parts.size(), ASN_INTEGER, &native_value,
                              sizeof native_value);
        TRY(ask(std::move(request), {name}));
        return {};
    }

private:
    Result<Pdu> ask(Pdu request, const std::vector<SnmpName>& names) {
        netsnmp_pdu* raw = nullptr;
        // The request belongs to the library from here on.
        const int status = snmp_sess_synch_response(session_.get(), request.release(), &raw);
        Pdu answer(raw);
        const auto about = names.empty() ? "" : text_of(names.front());
        if (status == STAT_TIMEOUT) return bench_error(fmt::format("{}: no answer about {}", what_, about));
        if (status != STAT_SUCCESS || !answer)
            return bench_error(
                fmt::format("{}: {}: {}", what_, about, library_text(nullptr, session_.get())));
        if (answer->errstat != SNMP_ERR_NOERROR)
            return bench_error(fmt::format("{}: {}: {} ({})", what_, about,
                                           snmp_errstring(static_cast<int>(answer->errstat)),
                                           answer->errstat));
        return answer;
    }

    Session session_;
    std::string what_;
};

/// Version 3: the keys of a user.
Status add_user(netsnmp_session& session, SnmpSettings& settings) {
    session.version = SNMP_VERSION_3;
    session.securityName = settings.user.data();
    session.securityNameLen = settings.user.size();
    session.securityLevel = SNMP_SEC_LEVEL_NOAUTH;
    const auto make_key = [&](std::string& phrase, u_char* key, std::size_t& length) {
        length = USM_AUTH_KU_LEN;
        return generate_Ku(usmHMACSHA1AuthProtocol, USM_AUTH_PROTO_SHA_LEN,
                           reinterpret_cast<u_char*>(phrase.data()), phrase.size(), key,
                           &length) == SNMPERR_SUCCESS;
    };
    if (!settings.authentication.empty()) {
        session.securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
        session.securityAuthProto = usmHMACSHA1AuthProtocol;
        session.securityAuthProtoLen = USM_AUTH_PROTO_SHA_LEN;
        if (!make_key(settings.authentication, session.securityAuthKey, session.securityAuthKeyLen))
            return usage_error("the SNMP pass phrase for authentication needs 8 characters at least");
    }
    if (!settings.privacy.empty()) {
        session.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
        session.securityPrivProto = usmAESPrivProtocol;
        session.securityPrivProtoLen = USM_PRIV_PROTO_AES_LEN;
        if (!make_key(settings.privacy, session.securityPrivKey, session.securityPrivKeyLen))
            return usage_error("the SNMP pass phrase for privacy needs 8 characters at least");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<SnmpSession>> open_snmp_session(const SnmpSettings& given) {
    auto settings = given;
    prepare_library();
    // Opening touches tables of the library that all sessions share.
    static std::mutex mutex;
    const std::scoped_lock lock(mutex);
    netsnmp_session session;
    snmp_sess_init(&session);
    const bool v6 = settings.host.find(':') != std::string::npos;
    auto peer = v6 ? fmt::format("udp6:[{}]:{}", settings.host, settings.port)
                   : fmt::format("udp:{}:{}", settings.host, settings.port);
    const auto what = fmt::format("SNMP agent {}:{}", settings.host, settings.port);
    session.peername = peer.data();
    session.timeout = std::chrono::duration_cast<std::chrono::microseconds>(settings.timeout).count();
    session.retries = repetitions;
    if (settings.user.empty()) {
        session.version = SNMP_VERSION_2c;
        session.community = reinterpret_cast<u_char*>(settings.community.data());
        session.community_len = settings.community.size();
    } else {
        TRY(add_user(session, settings));
    }
    Session handle(snmp_sess_open(&session));
    if (!handle) return bench_error(what + ": " + library_text(&session, nullptr));
    return std::unique_ptr<SnmpSession>(std::make_unique<LibrarySession>(std::move(handle), what));
}

}  // namespace cambench
