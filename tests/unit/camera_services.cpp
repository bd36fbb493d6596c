// The emulated camera's services: logins, ONVIF, discovery, settings and factory data.

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "fixtures/camera/firmware/authenticator.hpp"
#include "fixtures/camera/firmware/base/crypto.hpp"
#include "fixtures/camera/firmware/base/unit.hpp"
#include "fixtures/camera/firmware/discovery.hpp"
#include "fixtures/camera/firmware/onvif.hpp"
#include "fixtures/camera/firmware/settings.hpp"
#include "tests/catch.hpp"

using namespace camera;

namespace {

std::string field_of(const std::string& challenge, const std::string& name) {
    const auto start = challenge.find(name + "=\"") + name.size() + 2;
    return challenge.substr(start, challenge.find('"', start) - start);
}

/// What a client of RFC 2617 sends.
std::string digest_header(const Authenticator& authenticator, const std::string& password,
                          const std::string& method, const std::string& uri) {
    const auto nonce = field_of(authenticator.challenge(), "nonce");
    const auto account = md5_hex("admin:HV-2100:" + password);
    const auto response = md5_hex(account + ":" + nonce + ":00000001:ab:auth:" + md5_hex(method + ":" + uri));
    return "Digest username=\"admin\", realm=\"HV-2100\", nonce=\"" + nonce + "\", uri=\"" + uri +
           "\", qop=auth, nc=00000001, cnonce=\"ab\", response=\"" + response + "\"";
}

Unit sample_unit() {
    Unit unit;
    unit.identity = {"Haneul Vision", "HV-2100", "HVS-2", "B", "1.4.2", "HV1<2>", "hv"};
    unit.password = "secret";
    return unit;
}

std::string envelope(const std::string& operation, const std::string& header = {}) {
    return "<s:Envelope xmlns:s=\"x\">" + header + "<s:Body><" + operation + "/></s:Body></s:Envelope>";
}

}  // namespace

TEST_CASE("camera's digest login takes the right password for the right request only", "[unit][camera]") {
    const Authenticator authenticator("HV-2100", "admin", "secret");
    CHECK(md5_hex("Mufasa:testrealm@host.com:Circle Of Life") ==
          "939e7578ed9e3c518a452acee763bce9");  // RFC 2617 3.5
    const auto right = digest_header(authenticator, "secret", "GET", "/snapshot.jpg");
    CHECK(authenticator.allows(right, "GET", "/snapshot.jpg"));
    CHECK_FALSE(authenticator.allows(right, "POST", "/snapshot.jpg"));
    CHECK_FALSE(authenticator.allows(right, "GET", "/other"));
    CHECK_FALSE(authenticator.allows(digest_header(authenticator, "wrong", "GET", "/"), "GET", "/"));
    CHECK_FALSE(authenticator.allows("", "GET", "/"));
    CHECK_FALSE(authenticator.allows("Basic YWRtaW46c2VjcmV0", "GET", "/"));
}

TEST_CASE("camera refuses a digest over another unit's nonce", "[unit][camera]") {
    const Authenticator ours("HV-2100", "admin", "secret");
    const Authenticator other("HV-2100", "admin", "secret");
    CHECK_FALSE(ours.allows(digest_header(other, "secret", "GET", "/"), "GET", "/"));
}

TEST_CASE("camera reads broken credentials without harm", "[unit][camera]") {
    for (const auto* text :
         {"Digest", "Digest ", "Digest =", "Digest a=\"", "Digest a=\"b\\", "Digest a=b,,,c", " x"}) {
        const auto credentials = parse_credentials(text);
        CHECK((!credentials || credentials->fields.size() <= 1));
    }
}

TEST_CASE("camera tells the time to everybody and its serial number to who logs in", "[unit][camera]") {
    const auto unit = sample_unit();
    const Authenticator authenticator("HV-2100", "admin", "secret");
    const OnvifService service(unit, authenticator);
    using Kind = OnvifAnswer::Kind;
    CHECK(service.answer(envelope("tds:GetSystemDateAndTime"), "192.0.2.1", false).kind == Kind::answered);
    CHECK(service.answer(envelope("GetDeviceInformation"), "192.0.2.1", false).kind == Kind::refused);
    CHECK(service.answer("", "192.0.2.1", false).kind == Kind::refused);
    CHECK(service.answer("<<<>>>", "192.0.2.1", true).kind == Kind::fault);
    CHECK(service.answer(envelope("SystemReboot"), "192.0.2.1", true).kind == Kind::fault);
    const auto answer = service.answer(envelope("GetDeviceInformation"), "192.0.2.1", true);
    CHECK(answer.kind == Kind::answered);
    CHECK(element_text(answer.envelope, "Manufacturer") == "Haneul Vision");
    CHECK(element_text(answer.envelope, "SerialNumber") == "HV1&lt;2&gt;");
}

TEST_CASE("camera takes the digest of a SOAP user name token", "[unit][camera]") {
    const auto unit = sample_unit();
    const Authenticator authenticator("HV-2100", "admin", "secret");
    const OnvifService service(unit, authenticator);
    const auto token = [](const std::string& password) {
        const auto digest = base64(sha1("salt2026-11-21T09:00:00Z" + password));
        return "<s:Header><w:Username>admin</w:Username><w:Password Type=\"d\">" + digest +
               "</w:Password><w:Nonce>" + base64(as_bytes("salt")) +
               "</w:Nonce><w:Created>2026-11-21T09:00:00Z</w:Created></s:Header>";
    };
    CHECK(service.answer(envelope("GetProfiles", token("secret")), "h", false).kind ==
          OnvifAnswer::Kind::answered);
    CHECK(service.answer(envelope("GetProfiles", token("wrong")), "h", false).kind ==
          OnvifAnswer::Kind::refused);
}

TEST_CASE("camera answers probes for its kind and repeats no foreign markup", "[unit][camera]") {
    const DiscoveryIdentity identity{"urn:uuid:1", "onvif://www.onvif.org/name/x",
                                     "http://192.0.2.1/onvif/device_service"};
    const auto probe = [](const std::string& id, const std::string& types) {
        return "<s:Envelope><s:Header><a:MessageID>" + id +
               "</a:MessageID></s:Header><s:Body><d:Probe><d:Types>" + types +
               "</d:Types></d:Probe></s:Body></s:Envelope>";
    };
    const auto answer = probe_answer(probe("uuid:77", "dn:NetworkVideoTransmitter"), identity, "urn:uuid:2");
    REQUIRE(answer);
    CHECK(element_text(*answer, "RelatesTo") == "uuid:77");
    CHECK(element_text(*answer, "XAddrs") == identity.address);
    CHECK(probe_answer(probe("uuid:77", ""), identity, "urn:uuid:2"));
    CHECK_FALSE(probe_answer(probe("uuid:77", "wsdp:Printer"), identity, "urn:uuid:2"));
    CHECK_FALSE(probe_answer(probe("a&quot;b", ""), identity, "urn:uuid:2"));
    CHECK_FALSE(probe_answer("", identity, "urn:uuid:2"));
}

TEST_CASE("camera forgets all it was told when it is reset, and knows that it was", "[unit][camera]") {
    std::string file = "/tmp/camera-settings-XXXXXX";
    const int descriptor = ::mkstemp(file.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    camera::SettingsStore store(file);
    for (int boots = 1; boots <= 3; ++boots) {
        camera::Settings told;
        told.boots = boots;
        told.cloud = false;
        told.automatic_updates = true;
        REQUIRE(store.save(told));
    }
    REQUIRE(store.reset());
    std::ifstream flash(file, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(flash)), {});
    CHECK(content.find("automatic") == std::string::npos);
    camera::SettingsStore after(file);
    const auto left = after.load();
    CHECK(left.reset);
    CHECK(left.cloud);
    CHECK(left.boots == 0);
    CHECK_FALSE(left.automatic_updates);
    CHECK(store.save({4, 0, ""}));
    CHECK_FALSE(after.load().reset);
    ::unlink(file.c_str());
}

TEST_CASE("camera's settings survive encoding and a damaged record is not believed", "[unit][camera]") {
    CHECK(parse_settings(encode_settings({}, 1))->settings.cloud);
    camera::Settings switched_off;
    switched_off.cloud = false;
    CHECK_FALSE(parse_settings(encode_settings(switched_off, 1))->settings.cloud);
    const auto record = encode_settings({12, 1'795'251'600, "192.0.2.10"}, 5);
    const auto stored = parse_settings(record);
    REQUIRE(stored);
    CHECK(stored->sequence == 5);
    CHECK(stored->settings.boots == 12);
    CHECK(stored->settings.last_address == "192.0.2.10");
    for (std::size_t index = 0; index < record.size(); ++index) {
        if (index >= 4 && index < 8) {
            continue;  // the sequence is outside the checksum: a wrong one only chooses the older record
        }
        auto damaged = record;
        damaged[index] ^= 0x10;
        CHECK_FALSE(parse_settings(damaged));
    }
    CHECK_FALSE(parse_settings(Bytes(65536, 0)));
    CHECK_FALSE(parse_settings(Bytes(65536, 0xff)));
}

TEST_CASE("camera says what is wrong with its factory data", "[unit][camera]") {
    std::string why;
    CHECK_FALSE(parse_factory_data("", why));
    CHECK(why == "empty");
    CHECK_FALSE(parse_factory_data(std::string(100, '\0'), why));
    CHECK_FALSE(parse_factory_data("{\"format\":1}", why));
    CHECK_FALSE(parse_factory_data("{\"format\":2}", why));
    CHECK(why == "unknown format");
    CHECK_FALSE(parse_factory_data("[]", why));
    CHECK_FALSE(parse_factory_data(
        R"({"format":1,"identity":{"vendor":"a","model":"b","firmware":"c","serial":"d"},"contacts":[{"port":1}]})",
        why));
    CHECK(why == "contact needs a name or an address");
    CHECK_FALSE(parse_factory_data(
        R"({"format":1,"identity":{"vendor":"a","model":"b","firmware":"c","serial":"d"},"video":{"width":1}})",
        why));
}

TEST_CASE("a file attached to a SOAP request is found between its boundaries", "[camera]") {
    const std::string body =
        "--b\r\nContent-ID: <e>\r\n\r\n<x/>\r\n--b\r\nContent-ID: <f>\r\n\r\nfirm\r\n--ware\r\n--b--\r\n";
    for (const auto* type :
         {"multipart/related; boundary=b",
          "multipart/related; type=\"application/xop+xml\"; boundary=\"b\"; start=\"<e>\""}) {
        const auto attached = attached_in(type, body);
        REQUIRE(attached);
        CHECK(attached->envelope == "<x/>");
        CHECK(attached->file == "firm\r\n--ware");
    }
    CHECK_FALSE(attached_in("application/soap+xml", body));
    for (const auto* type : {"multipart/related", "multipart/related; boundary=",
                             "multipart/related; boundary=\"", "multipart/related; boundary=c"})
        CHECK_FALSE(attached_in(type, body));
    for (const auto* broken : {"", "--b", "--b\r\n\r\n", "--b\r\n\r\nx\r\n--b", "--b\r\n\r\nx\r\n--b--\r\n"})
        CHECK_FALSE(attached_in("multipart/related; boundary=b", broken));
}
