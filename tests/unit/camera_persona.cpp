// Personas: XML in, factory data out, and the camera's own reader understands it.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "fixtures/camera/firmware/base/unit.hpp"
#include "fixtures/camera/persona.hpp"
#include "tests/catch.hpp"

using namespace cambench;

namespace {

/// A folder of personas that goes away with the test.
class Personas {
public:
    Personas()
        : directory_(std::filesystem::temp_directory_path() / ("personas-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(directory_);
        write("base", R"(<persona id="base" verdict="PASS">
  <identity vendor="V" model="M-1" soc="S" firmware="1.0" serial="A0000099" mac="02:00:00:00:00:ff" hostname="cam"/>
  <contact name="cloud.example" port="443" protocol="tls"/>
</persona>)");
    }
    ~Personas() { std::filesystem::remove_all(directory_); }

    void write(const std::string& id, const std::string& xml) const {
        std::ofstream(directory_ / (id + ".xml")) << xml;
    }
    [[nodiscard]] Result<Persona> load(const std::string& id) const {
        return load_persona(directory_ / (id + ".xml"));
    }
    [[nodiscard]] std::string error(const std::string& id, const std::string& xml) const {
        write(id, xml);
        const auto persona = load(id);
        return persona ? "no error" : persona.error().message;
    }

private:
    std::filesystem::path directory_;
};

camera::Unit unit_of(const Persona& persona) {
    std::string why;
    auto unit = camera::parse_factory_data(factory_data(persona), why);
    INFO(why);
    REQUIRE(unit);
    return *unit;
}

}  // namespace

TEST_CASE("every shipped persona loads, and the camera reads its factory data", "[unit][camera]") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(CAMBENCH_SOURCE_DIR) /
                                                                 "fixtures/camera/personas")) {
        const auto persona = load_persona(entry.path());
        INFO(entry.path().string() << (persona ? "" : ": " + persona.error().message));
        REQUIRE(persona);
        CHECK(persona->id == entry.path().stem().string());
        const auto unit = unit_of(*persona);
        CHECK(unit.identity.serial == persona->identity.serial);
        CHECK_FALSE(unit.services.empty());
        ++count;
    }
    CHECK(count >= 7);
}

TEST_CASE("a persona inherits identity and contacts and adds its own", "[unit][camera]") {
    const Personas personas;
    personas.write("bad",
                   R"(<persona id="bad" like="base" verdict="FAIL" caught-by="only-declared-destinations">
  <identity firmware="2.0"/>
  <resolver address="192.0.2.53 2001:db8::53"/>
  <contact address="198.51.100.7" port="9000" transport="tcp" every="10s" after-clock="2027-03-01T00:00:00Z" after-boot="3">
    <then address="198.51.100.7" port="9001" transport="udp" when="failed"/>
    <then name="last.example" port="1" port-from-answer="yes" when="answered"/>
  </contact>
  <truth endpoint="198.51.100.7:9000/tcp"/>
</persona>)");
    const auto persona = personas.load("bad");
    REQUIRE(persona);
    CHECK(persona->verdict == "FAIL");
    CHECK(persona->caught_by == std::vector<std::string>{"only-declared-destinations"});
    CHECK(persona->endpoints == std::vector<std::string>{"198.51.100.7:9000/tcp"});
    const auto unit = unit_of(*persona);
    CHECK(unit.identity.vendor == "V");
    CHECK(unit.identity.firmware == "2.0");
    CHECK(unit.resolvers.size() == 2);
    REQUIRE(unit.contacts.size() == 2);
    const auto& planted = unit.contacts[1];
    CHECK(planted.address == "198.51.100.7");
    CHECK(planted.every == std::chrono::seconds(10));
    CHECK(planted.after_clock == 1'803'859'200);
    CHECK(planted.after_boot == 3);
    REQUIRE(planted.next);
    CHECK(planted.next->when == camera::Contact::When::failed);
    REQUIRE(planted.next->next);
    CHECK(planted.next->next->port_from_answer);
    CHECK(planted.next->next->name == "last.example");
}

TEST_CASE("units of one persona differ in serial number, MAC and host name only", "[unit][camera]") {
    const Personas personas;
    const auto persona = personas.load("base");
    REQUIRE(persona);
    const auto other = as_unit(*persona, 2);
    CHECK(other.identity.serial == "A0000101");
    CHECK(other.identity.mac.to_string() == "02:00:00:00:01:01");
    CHECK(other.identity.hostname == "cam2");
    CHECK(other.behaviour == persona->behaviour);
    CHECK(as_unit(*persona, 0).identity.serial == persona->identity.serial);
}

TEST_CASE("factory data fills its drive", "[unit][camera]") {
    const Personas personas;
    const auto persona = personas.load("base");
    REQUIRE(persona);
    CHECK(factory_data(*persona).size() == factory_data_size);
}

TEST_CASE("a wrong persona is refused with the place of the mistake", "[unit][camera]") {
    const Personas personas;
    CHECK(personas.error("x", "<persona id='x' verdict='PASS' like='nobody'/>")
              .find("x.xml:1:32: there is no persona 'nobody'") != std::string::npos);
    CHECK(personas.error("x", "<persona id='x' verdict='PASS' like='x'/>").find("there is no persona 'x'") !=
          std::string::npos);
    CHECK(personas.error("x", "<persona id='x' verdict='PASS' like='base'>\n <contact port='1'/>\n</persona>")
              .find("x.xml:2:") != std::string::npos);
    CHECK(personas.error("x", "<persona id='x' verdict='FAIL' like='base'/>").find("caught-by") !=
          std::string::npos);
    CHECK(personas.error("x", "<persona id='x' verdict='PASS'/>").find("identity lacks") !=
          std::string::npos);
    CHECK(personas
              .error("x",
                     "<persona id='x' verdict='PASS' like='base'><truth endpoint='192.0.2.1/tcp'/></persona>")
              .find("not an endpoint") != std::string::npos);
    CHECK(
        personas.error("x", "<persona id='x' verdict='PASS' like='base'><resolver address='one'/></persona>")
            .find("'one' is not an address") != std::string::npos);
    CHECK(personas.error("x", "<persona id='x' verdict='PASS' like='base'><colour/></persona>")
              .find("x.xml:1:") != std::string::npos);
}

TEST_CASE(
    "a unit's boot environment is the image's with the persona's settings, under a sum that U-Boot accepts") {
    Persona persona;
    persona.boot_settings = {{"bootdelay", "2"}, {"console", "ttyAMA0,57600"}};
    std::string image(0x40000, '\0');
    const std::string settings("\0\0\0\0arch=arm\0bootdelay=-2\0", 26);
    image.replace(0, settings.size(), settings);
    const auto environment = boot_environment(image, persona);
    REQUIRE(environment.ok());
    CHECK(environment->size() == image.size());
    CHECK(environment->substr(4, 46) ==
          std::string("arch=arm\0bootdelay=2\0console=ttyAMA0,57600\0\0\0\0", 46));
    // A second pass over the result changes nothing: the sum covers exactly the settings.
    CHECK(boot_environment(*environment, persona).value() == *environment);
    CHECK(environment->substr(0, 4) != std::string(4, '\0'));
    CHECK_FALSE(boot_environment("short", persona).ok());
}
