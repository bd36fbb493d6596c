// Firmware packages, the family made of a genuine one, and the containers of other makers.

#include <filesystem>
#include <fstream>

#include "harness/core/text.hpp"
#include "harness/offers/family.hpp"
#include "harness/steps/update_offers.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::offers;

namespace {

const std::filesystem::path updates = std::filesystem::path(CAMBENCH_SOURCE_DIR) / "fixtures/camera/updates";

Firmware sample(const std::string& version) {
    auto firmware = load_firmware(updates / ("haneul-" + version + ".xml"));
    REQUIRE(firmware.ok());
    return std::move(*firmware);
}

struct Family {
    Firmware newer = sample("1.5.0"), older = sample("1.4.1");
    [[nodiscard]] Result<Offer> make(std::string_view kind) const {
        return make_offer(kind, {&newer, &older, "1.4.2"});
    }
    [[nodiscard]] HaneulPackage taken_apart(std::string_view kind) const {
        const auto offer = make(kind);
        REQUIRE(offer.ok());
        auto package = parse_haneul_package(offer->bytes);
        REQUIRE(package.ok());
        return std::move(*package);
    }
    [[nodiscard]] bool is_signed_by_vendor(std::string_view kind) const {
        const auto offer = make(kind);
        REQUIRE(offer.ok());
        const auto package = parse_haneul_package(offer->bytes);
        return package && newer.key->made(package->signature, signed_region(offer->bytes));
    }
};

Bytes bytes_of(std::string_view text, std::size_t size = 256) {
    auto bytes = to_bytes(text);
    bytes.resize(std::max(size, bytes.size()));
    return bytes;
}

}  // namespace

TEST_CASE(
    "a package of the sample product is the same however often it is made, and survives being taken apart",
    "[offers]") {
    const auto first = sample("1.5.0"), second = sample("1.5.0");
    CHECK(first.bytes == second.bytes);
    const auto package = parse_haneul_package(first.bytes);
    REQUIRE(package.ok());
    CHECK(package->model == "HV-2100");
    CHECK(package->version == "1.5.0");
    REQUIRE(package->part("application") != nullptr);
    CHECK(as_text(package->part("application")->content).find("\"1.5.0\"") != std::string_view::npos);
    CHECK(encode(*package, nullptr).value() == first.bytes);
    CHECK(first.key->made(package->signature, signed_region(first.bytes)));
}

TEST_CASE("a damaged package is an error, not a crash", "[offers]") {
    const auto genuine = sample("1.5.0");
    for (std::size_t size = 0; size < 400; ++size)
        CHECK_FALSE(parse_haneul_package(ByteView(genuine.bytes).first(size)).ok());
    auto huge = genuine.bytes;
    huge[12] = std::byte{0x7f};
    CHECK_FALSE(parse_haneul_package(huge).ok());
}

TEST_CASE(
    "every member of the family can be made of the sample product's packages, and differs from the genuine "
    "one where it says",
    "[offers]") {
    const Family family;
    for (const auto& kind : offer_kinds()) {
        CAPTURE(kind.name);
        const auto offer = family.make(kind.name);
        REQUIRE(offer.ok());
        const bool same_bytes =
            kind.name == "newer" || kind.name == "stale-list" || kind.name == "redirected";
        CHECK((offer->bytes == family.newer.bytes) == same_bytes);
        CHECK(kind.genuine == (kind.name == "newer"));
    }
    CHECK(family.taken_apart("unsigned").signature.empty());
    CHECK_FALSE(family.is_signed_by_vendor("other-key"));
    CHECK_FALSE(family.is_signed_by_vendor("flipped-signature"));
    CHECK(family.is_signed_by_vendor("flipped-body"));  // the parts are bound by their digests alone
    CHECK(family.is_signed_by_vendor("mixed-parts"));
    CHECK(family.is_signed_by_vendor("other-model"));
    CHECK(family.is_signed_by_vendor("same"));
    CHECK(family.taken_apart("same").version == "1.4.2");
    CHECK(family.taken_apart("other-model").model != "HV-2100");
    CHECK(family.make("version-lie")->bytes == family.older.bytes);
    CHECK(family.make("version-lie")->version != "1.4.1");
    CHECK(family.make("truncated")->bytes.size() < family.newer.bytes.size());
    CHECK(family.make("oversized")->bytes.size() > family.newer.bytes.size());
    const auto mixed = family.taken_apart("mixed-parts");
    CHECK(mixed.part("application")->content ==
          parse_haneul_package(family.newer.bytes)->part("application")->content);
    CHECK(mixed.part("resources")->content ==
          parse_haneul_package(family.older.bytes)->part("resources")->content);
}

TEST_CASE("of a format cambench cannot write, only what needs no writing is offered", "[offers]") {
    const Firmware vendor{"camera.bin", bytes_of("some maker's firmware V5.00.R02.20200507", 4096), {}};
    const Ancestors ancestors{&vendor, nullptr, ""};
    for (const auto* kind : {"newer", "flipped-header", "flipped-body", "flipped-signature", "truncated",
                             "oversized", "stale-list", "redirected"})
        CHECK(make_offer(kind, ancestors).ok());
    for (const auto* kind :
         {"unsigned", "other-key", "mixed-parts", "other-model", "same", "older", "version-lie"})
        CHECK_FALSE(make_offer(kind, ancestors).ok());
    CHECK_FALSE(make_offer("no-such-kind", ancestors).ok());
    CHECK(make_offer("newer", ancestors)->version == "V5.00.R02.20200507");
}

TEST_CASE("containers of other makers are recognised by their first bytes", "[offers]") {
    const std::pair<std::string, std::string> samples[] = {{std::string("DH\x03\x04", 4), "dahua-zip"},
                                                           {std::string("PK\x03\x04", 4), "zip"},
                                                           {std::string("\x27\x05\x19\x56", 4), "uimage"},
                                                           {"hsqs", "squashfs"},
                                                           {"sqsh", "squashfs"},
                                                           {std::string("UBI#\x01", 5), "ubi"},
                                                           {std::string("\x45\x3d\xcd\x28", 4), "cramfs"},
                                                           {std::string("\xd0\x0d\xfe\xed", 4), "fit"},
                                                           {std::string("\x7f"
                                                                        "ELF",
                                                                        4),
                                                            "elf"},
                                                           {std::string("\x1f\x8b\x08", 3), "gzip"}};
    for (const auto& [magic, format] : samples) {
        CAPTURE(format);
        CHECK(recognise(bytes_of(magic)).format == format);
    }
    CHECK(recognise(bytes_of("nothing that is known")).format.empty());
    CHECK(recognise({}).format.empty());
}

TEST_CASE("a Xiongmai update is told from other ZIP files by its InstallDesc", "[offers]") {
    ByteWriter zip;
    zip.text(std::string_view("PK\x03\x04", 4))
        .zeros(14)
        .u32_le(3)
        .u32_le(3)
        .u16_le(11)
        .u16_le(0)
        .text("InstallDesc")
        .text("{ }");
    const auto found = recognise(zip.view());
    CHECK(found.format == "xiongmai-zip");
}

TEST_CASE("a Hikvision digicap is recognised through its rolling key", "[offers]") {
    constexpr unsigned char key[] = {0xBA, 0xCD, 0xBC, 0xFE, 0xD6, 0xCA, 0xDD, 0xD3,
                                     0xBA, 0xB9, 0xA3, 0xAB, 0xBF, 0xCB, 0xB5, 0xBE};
    std::string header = "SWKH";
    header.resize(0x6C);
    for (std::size_t i = 0; i < header.size(); ++i)
        header[i] = static_cast<char>(static_cast<unsigned char>(header[i]) ^ key[(i + (i >> 4)) & 0xF]);
    CHECK(recognise(bytes_of(header)).format == "hikvision-dav");
}

TEST_CASE("images inside a package are found, and entropy tells text from noise", "[offers]") {
    auto bytes = bytes_of(std::string("\x27\x05\x19\x56", 4), 65600);
    const auto inner = to_bytes("hsqs");
    std::copy(inner.begin(), inner.end(), bytes.begin() + 1000);
    CHECK(recognise(bytes).inside == std::vector<std::string>{"squashfs at 1000"});
    CHECK(entropy_of(bytes_of("", 4096)) == 0);
    CHECK(entropy_of(sample("1.5.0").bytes) > 7.5);
}

TEST_CASE("the list of updates tells what is offered, and is signed where the vendor's key is there",
          "[offers]") {
    const Family family;
    const internet::UpdateServer server{
        "update.v.example",
        "/list",
        "/fw/*",
        R"({"v": "${offer.version}", "n": ${offer.size}, "x": "${time.unix}", "e": "${offer.expires}"})",
        "application/json",
        "X-Signature"};
    const WallTime now{std::chrono::hours(24 * 20000)};
    const auto routes = offer_routes(server, family.make("newer").value(), &*family.newer.key, now);
    REQUIRE(routes.size() == 2);
    const auto& answer = routes[1]["answers"][0];
    const auto list = from_base64(answer["content"].get<std::string>()).value();
    CHECK(list.find("\"v\": \"1.5.0\", \"n\": " + std::to_string(family.newer.bytes.size()) +
                    ", \"x\": \"${time.unix}\"") != std::string::npos);
    const auto signature = from_base64(answer["headers"][1][1].get<std::string>()).value();
    CHECK(family.newer.key->made(as_bytes(signature), as_bytes(list)));
    CHECK(fill_in_offer("${offer.expires}", family.make("stale-list").value(), now) <
          fill_in_offer("${offer.expires}", family.make("newer").value(), now));
    CHECK(offer_routes(server, family.make("redirected").value(), nullptr, now).size() == 3);
}

TEST_CASE("a learned server says again what it said, of the package that is offered", "[offers]") {
    const Family family;
    using Role = UpdateExchange::Role;
    const auto exchange = [](const std::string& path, Role role, const std::string& answer) {
        return UpdateExchange{.host = "fw.v.example",
                              .method = "GET",
                              .path = path,
                              .query = "v=1",
                              .sent = {},
                              .authorised = false,
                              .role = role,
                              .status = 200,
                              .headers = {{"ETag", DialogueTemplate::parse("\\(offer.md5)").value()}},
                              .answer = DialogueTemplate::parse(answer).value()};
    };
    internet::UpdateServer server;
    server.learned = LearnedUpdate{
        "V1",
        "",
        0,
        {exchange("/list", Role::list,
                  "v=\\(offer.version) n=\\(offer.size) h=\\(offer.sha256.upper) ${offer.size}"),
         exchange("/sig", Role::other, "kept"), exchange("/fw", Role::package, "")}};
    const WallTime now{std::chrono::hours(24 * 20000)};
    const Ancestors ancestors{&family.newer, &family.older, "", "V1", "V0"};
    const auto content = [](const Json& route) {
        return from_base64(route["answers"][0].value("content", "")).value();
    };
    for (const auto* kind : {"newer", "flipped-body", "truncated", "older", "version-lie"}) {
        CAPTURE(kind);
        const auto offer = make_offer(kind, ancestors).value();
        const auto routes = offer_routes(server, offer, nullptr, now);
        REQUIRE(routes.size() == 3);
        CHECK(content(routes[0]) == "v=" + offer.version + " n=" + std::to_string(offer.bytes.size()) +
                                        " h=" + offer_field("sha256.upper", offer, now) + " ${offer.size}");
        CHECK(content(routes[1]) == "kept");
        CHECK(routes[1]["role"] == "");
        CHECK(content(routes[2]) == as_text(offer.bytes));
        CHECK(routes[2]["role"] == "package");
        CHECK(routes[2]["answers"][0]["headers"][0][1] == offer_field("md5", offer, now));
    }
    CHECK(make_offer("newer", ancestors)->version == "V1");
    CHECK(make_offer("older", ancestors)->version == "V0");
    CHECK(make_offer("version-lie", ancestors)->version == "99.9.9");
    const auto redirected = offer_routes(server, make_offer("redirected", ancestors).value(), nullptr, now);
    REQUIRE(redirected.size() == 4);
    CHECK(redirected[2]["answers"][0]["status"] == 302);
    CHECK(redirected[3]["role"] == "package");
}
