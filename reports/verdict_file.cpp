#include "reports/verdict_file.hpp"

#include "reports/fields.hpp"

namespace cambench::reports {
namespace {

template <typename Item, typename Make>
std::vector<Item> items(const Json& object, const char* name, Make make) {
    std::vector<Item> result;
    const auto& list = member(object, name);
    if (!list.is_array()) return result;
    for (const auto& entry : list)
        if (entry.is_object()) result.push_back(make(entry));
    return result;
}

Pointer pointer_of(const Json& entry) {
    return {count_of(entry, "frame"), count_of(entry, "line"), number_of(entry, "time"),
            text_of(entry, "file")};
}

Finding finding_of(const Json& entry) {
    return {text_of(entry, "title"), text_of(entry, "detail"), verdict_from(text_of(entry, "verdict")),
            items<Pointer>(entry, "evidence", pointer_of)};
}

Check check_of(const Json& entry) {
    Check check{text_of(entry, "check"), verdict_from(text_of(entry, "verdict"))};
    check.title = text_of(entry, "title");
    check.why = text_of(entry, "why");
    check.seen = text_of(entry, "seen");
    check.remedy = text_of(entry, "remedy");
    check.requirements = texts_of(entry, "requirements");
    check.findings = items<Finding>(entry, "findings", finding_of);
    check.evidence = items<Pointer>(entry, "evidence", pointer_of);
    return check;
}

Destination destination_of(const Json& entry) {
    Destination destination;
    destination.name = text_of(entry, "name");
    destination.address = text_of(entry, "address");
    destination.resolution = text_of(entry, "resolution");
    destination.port = count_of(entry, "port").value_or(0);
    destination.transport = text_of(entry, "transport");
    destination.protocol = text_of(entry, "protocol");
    destination.bytes_out = count_of(entry, "bytes_out").value_or(0);
    destination.bytes_in = count_of(entry, "bytes_in").value_or(0);
    destination.attempts = count_of(entry, "attempts").value_or(0);
    destination.failed = count_of(entry, "failed").value_or(0);
    destination.claims = items<std::string>(entry, "claims", [](const Json& claim) {
        return text_of(claim, "name") + " (" + text_of(claim, "by") + ")";
    });
    if (const auto& place = member(entry, "place"); place.is_object()) {
        for (const auto* key : {"country", "as", "organisation"})
            if (const auto part = text_of(place, key); !part.empty())
                destination.place += (destination.place.empty() ? "" : ", ") + part;
    }
    destination.first_seen = number_of(entry, "first_seen");
    if (const auto& after = member(entry, "first_after"); after.is_object()) {
        destination.first_step = text_of(after, "step");
        destination.first_step_age = number_of(after, "seconds");
    }
    destination.last_seen = number_of(entry, "last_seen");
    destination.first_frame = count_of(entry, "first_frame");
    if (const auto& declared = member(entry, "declared"); declared.is_boolean())
        destination.declared = declared.get<bool>();
    destination.purpose = text_of(entry, "purpose");
    destination.certificates = items<CertificateAnswer>(entry, "certificates", [](const Json& one) {
        const auto& taken = member(one, "taken");
        return CertificateAnswer{taken.is_boolean() && taken.get<bool>(), text_of(one, "outcome"),
                                 text_of(one, "alert"), text_of(one, "version"),
                                 count_of(one, "times").value_or(1)};
    });
    destination.deliveries = items<Delivery>(entry, "deliveries", [](const Json& one) {
        return Delivery{text_of(one, "what"), text_of(one, "file"), count_of(one, "bytes").value_or(0),
                        count_of(one, "times").value_or(1)};
    });
    destination.unlisted = count_of(entry, "deliveries_unlisted").value_or(0);
    return destination;
}

TlsCertificate certificate_of(const Json& entry) {
    return {text_of(entry, "certificate"), text_of(entry, "result"),
            text_of(entry, "outcome"),     text_of(entry, "alert"),
            text_of(entry, "version"),     count_of(entry, "attempts").value_or(0)};
}

std::string fallback_of(const Json& entry) {
    const auto name = text_of(entry, "name");
    return text_of(entry, "protocol") + " to " + (name.empty() ? "" : name + ", ") +
           text_of(entry, "destination") + "/" + text_of(entry, "transport");
}

TlsServer server_of(const Json& entry) {
    TlsServer server{text_of(entry, "server"), text_of(entry, "address"), text_of(entry, "stance")};
    if (const auto& gave_way = member(entry, "gave_way"); gave_way.is_boolean())
        server.gave_way = gave_way.get<bool>();
    server.silent_for = number_of(entry, "silent_for_s");
    server.certificates = items<TlsCertificate>(entry, "certificates", certificate_of);
    server.fallbacks = items<std::string>(entry, "fallbacks", fallback_of);
    return server;
}

std::optional<TlsTrials> trials_of(const Json& entry) {
    if (!entry.is_object()) return std::nullopt;
    TlsTrials trials;
    if (const auto& given = member(entry, "authority_given"); given.is_boolean())
        trials.authority_given = given.get<bool>();
    trials.servers = items<TlsServer>(entry, "servers", server_of);
    return trials;
}

Upgrade upgrade_of(const Json& entry) {
    const auto flag = [&](const char* name) {
        const auto& value = member(entry, name);
        return value.is_boolean() && value.get<bool>();
    };
    return {text_of(entry, "offer"),
            text_of(entry, "version"),
            text_of(entry, "objection"),
            text_of(entry, "before"),
            text_of(entry, "after"),
            flag("genuine"),
            flag("taken"),
            flag("installed_is_hint"),
            number_of(entry, "offered_s"),
            number_of(entry, "fetched_s"),
            number_of(entry, "installed_s"),
            number_of(entry, "booted_s"),
            number_of(entry, "cut_s"),
            count_of(entry, "bytes").value_or(0),
            count_of(entry, "of").value_or(0)};
}

UpdateContact update_contact_of(const Json& entry) {
    const auto flag = [&](const char* name) {
        const auto& value = member(entry, name);
        return value.is_boolean() && value.get<bool>();
    };
    return {text_of(entry, "server"),
            text_of(entry, "request"),
            text_of(entry, "image"),
            texts_of(entry, "grounds"),
            flag("encrypted"),
            flag("certain"),
            flag("offered"),
            count_of(entry, "times").value_or(1),
            count_of(entry, "image_bytes").value_or(0),
            number_of(entry, "time_s"),
            count_of(entry, "frame")};
}

Camera camera_of(const Json& entry) {
    Camera camera{text_of(entry, "mac"),
                  texts_of(entry, "addresses"),
                  text_of(entry, "hostname"),
                  text_of(entry, "vendor_class"),
                  {}};
    if (const auto& identity = member(entry, "identity"); identity.is_object())
        for (const auto& [name, value] : identity.items())
            if (value.is_string() && !value.get_ref<const std::string&>().empty())
                camera.identity[name] = value.get<std::string>();
    return camera;
}

}  // namespace

Verdict verdict_from(std::string_view name) {
    if (name == "PASS") return Verdict::pass;
    if (name == "FAIL") return Verdict::fail;
    if (name == "INCONCLUSIVE") return Verdict::inconclusive;
    return Verdict::error;
}

void read_statement(const Json& statement, ScenarioRun& run) {
    const auto& tool = member(statement, "tool");
    run.tool = text_of(tool, "name");
    run.tool_version = text_of(tool, "version");
    const auto& scenario = member(statement, "scenario");
    run.id = scenario.is_string() ? scenario.get<std::string>() : text_of(scenario, "id");
    run.title = text_of(scenario, "title");
    run.why = text_of(scenario, "why");
    run.requirements = texts_of(scenario, "requirements");
    run.run = text_of(statement, "run");
    run.slot = text_of(statement, "slot");
    run.unit = text_of(statement, "unit");
    run.persona = text_of(statement, "persona");
    if (const auto& declaration = member(statement, "declaration"); declaration.is_object())
        run.declaration = Declaration{text_of(declaration, "file"), text_of(declaration, "vendor"),
                                      text_of(declaration, "model")};
    run.started = text_of(statement, "started");
    run.duration = number_of(statement, "duration_s");
    run.powered = number_of(statement, "powered_s");
    run.observed = number_of(statement, "observed_s");
    run.reason = text_of(statement, "reason");
    run.camera = camera_of(member(statement, "camera"));
    run.checks = items<Check>(statement, "checks", check_of);
    run.destinations = items<Destination>(statement, "destinations", destination_of);
    run.tls = trials_of(member(statement, "tls"));
    run.update_contacts = items<UpdateContact>(statement, "update_requests", update_contact_of);
    run.upgrades = items<Upgrade>(statement, "upgrades", upgrade_of);
    run.limits = texts_of(statement, "limits");
    if (const auto& capture = member(statement, "capture"); capture.is_object())
        run.capture = Capture{text_of(capture, "file"), count_of(capture, "frames").value_or(0),
                              count_of(capture, "bytes").value_or(0), count_of(capture, "dropped")};
}

}  // namespace cambench::reports
