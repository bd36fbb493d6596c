#include "fixtures/camera/firmware/base/unit.hpp"
#include "fixtures/camera/persona.hpp"
#include "tests/catch.hpp"

TEST_CASE("a unit is given the certificate of an authority for tests, never its key") {
    const auto persona =
        cambench::load_persona(std::string(CAMBENCH_SOURCE_DIR) + "/fixtures/camera/personas/honest.xml");
    REQUIRE(persona.ok());
    const auto data = cambench::factory_data(*persona);
    CHECK(data.find("PRIVATE KEY") == std::string::npos);
    std::string why;
    const auto unit = camera::parse_factory_data(data, why);
    REQUIRE(unit.has_value());
    REQUIRE(unit->authorities.size() == 1);
    CHECK(unit->authorities.front().starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(unit->authorities.front().ends_with("-----END CERTIFICATE-----\n"));
}
