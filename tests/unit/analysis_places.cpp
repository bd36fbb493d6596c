#include "harness/analysis/contents/places.hpp"

#include "tests/catch.hpp"
#include "tests/unit/packets.hpp"

using namespace cambench;
using namespace cambench::packets;

namespace {

/// Values as a MaxMind database holds them: maxmind.github.io/MaxMind-DB, format 2.0.
class Value {
public:
    explicit Value(std::string_view text) { head(2, text.size()).text(text); }
    Value(unsigned type, std::uint64_t number) {
        const unsigned length = type == 5 ? 2 : type == 6 ? 4 : 8;
        head(type, length);
        for (unsigned i = length; i-- > 0;) out_.u8(static_cast<std::uint8_t>(number >> (8 * i)));
    }
    explicit Value(const std::vector<std::pair<std::string, Value>>& members) {
        head(7, members.size());
        for (const auto& [name, value] : members) out_.bytes(Value(name).bytes()).bytes(value.bytes());
    }
    static Value list(const std::vector<Value>& values) {
        Value made(5, 0);
        made.out_.clear();
        made.head(11, values.size());
        for (const auto& value : values) made.out_.bytes(value.bytes());
        return made;
    }
    [[nodiscard]] ByteView bytes() const { return out_.view(); }

private:
    ByteWriter& head(unsigned type, std::size_t size) {
        const auto short_size = std::min<std::size_t>(size, 29);
        out_.u8(static_cast<std::uint8_t>((type < 8 ? type : 0) << 5 | short_size));
        if (type >= 8) out_.u8(static_cast<std::uint8_t>(type - 7));
        if (short_size == 29) out_.u8(static_cast<std::uint8_t>(size - 29));
        return out_;
    }
    ByteWriter out_;
};
using Map = std::vector<std::pair<std::string, Value>>;

/// A database that says one thing of 203.0.113.0/24, and nothing of other addresses.
Bytes database(const Map& what) {
    constexpr std::uint32_t network = 0xcb007100, nodes = 24, nobody = nodes, data = nodes + 16;
    ByteWriter out;
    for (std::uint32_t bit = 0; bit < nodes; ++bit) {
        const auto next = bit + 1 < nodes ? bit + 1 : data;
        const bool right = (network >> (31 - bit) & 1) != 0;
        out.u24(right ? nobody : next).u24(right ? next : nobody);
    }
    const Value metadata(Map{{"binary_format_major_version", Value(5, 2)},
                             {"binary_format_minor_version", Value(5, 0)},
                             {"build_epoch", Value(9, 1'700'000'000)},
                             {"database_type", Value("Test")},
                             {"description", Value(Map{{"en", Value("made for a test")}})},
                             {"ip_version", Value(5, 4)},
                             {"languages", Value::list({Value("en")})},
                             {"node_count", Value(6, nodes)},
                             {"record_size", Value(5, 24)}});
    return out.zeros(16)
        .bytes(Value(what).bytes())
        .text("\xab\xcd\xefMaxMind.com")
        .bytes(metadata.bytes())
        .take();
}

}  // namespace

TEST_CASE("databases_of_the_user_tell_where_addresses_belong", "[analysis]") {
    const TemporaryFile countries(database({{"country", Value(Map{{"iso_code", Value("KR")}})}}));
    const TemporaryFile systems(database({{"autonomous_system_number", Value(6, 64500)},
                                          {"autonomous_system_organization", Value("Example Telecom")}}));
    const auto book = analysis::PlaceBook::open({countries.path(), systems.path()});
    REQUIRE(book);
    const auto place = book->place_of(ip("203.0.113.9"));
    REQUIRE(place);
    CHECK(place->country == "KR");
    CHECK(place->system == "AS64500");
    CHECK(place->organisation == "Example Telecom");
    CHECK_FALSE(book->place_of(ip("203.0.114.9")));
    CHECK_FALSE(book->place_of(ip("2001:db8::1")));
}

TEST_CASE("flat_databases_tell_it_too_and_other_files_are_refused", "[analysis]") {
    const TemporaryFile flat(database(
        {{"country_code", Value("US")}, {"asn", Value("AS64501")}, {"as_name", Value("Example Hosting")}}));
    const auto book = analysis::PlaceBook::open({flat.path()});
    REQUIRE(book);
    const auto place = book->place_of(ip("203.0.113.200"));
    REQUIRE(place);
    CHECK((place->country + place->system + place->organisation) == "USAS64501Example Hosting");
    const auto nothing = analysis::PlaceBook::open({});
    REQUIRE(nothing);
    CHECK_FALSE(nothing->place_of(ip("203.0.113.9")));
    const TemporaryFile text("country,network\n");
    const auto refused = analysis::PlaceBook::open({text.path()});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("no MaxMind database") != std::string::npos);
    CHECK(refused.error().fault == Fault::usage);
    const auto missing = analysis::PlaceBook::open({"/nowhere/countries.mmdb"});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("/nowhere/countries.mmdb") != std::string::npos);
}
