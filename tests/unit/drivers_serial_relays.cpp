#include "drivers/power/boards/icstation.hpp"
#include "drivers/power/boards/numato.hpp"
#include "tests/unit/drivers_transcripts.hpp"

using namespace transcripts;
using State = PowerSwitch::State;

namespace {

std::string text_hex(std::string_view text) { return hex(as_bytes(text)); }

}  // namespace

TEST_CASE("an ICStation board is greeted once and then gets masks that are active low", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{"50", "ab"}, {"51", ""}, {"0e", ""}, {"0a", ""}, {"0b", ""}};
    const auto board =
        icstation::make_board(stream_of(script), [] { return Result<std::string>("188-5-100"); });
    CHECK(board->set(1, State::on, lock).ok());
    CHECK(board->set(3, State::on, lock).ok());
    CHECK(board->set(1, State::off, lock).ok());
    CHECK(board->read(1, lock).value() == std::nullopt);
    CHECK(script.rest() == "");
}

TEST_CASE("another process goes on where the last one left an ICStation board, without a greeting",
          "[drivers]") {
    const Locks locks;
    {
        auto lock = Locks::take();
        Script script{{"50", "ad"}, {"51", ""}, {"01", ""}};
        CHECK(icstation::make_board(stream_of(script), [] { return Result<std::string>("188-5-100"); })
                  ->set(2, State::on, lock)
                  .ok());
    }
    auto lock = Locks::take();
    Script script{{"00", ""}};
    CHECK(icstation::make_board(stream_of(script), [] { return Result<std::string>("188-5-100"); })
              ->set(1, State::on, lock)
              .ok());
    CHECK(script.rest() == "");
    // Plugged in anew: its outputs are open again, whatever they were.
    Script fresh{{"50", "ad"}, {"51", ""}, {"02", ""}};
    CHECK(icstation::make_board(stream_of(fresh), [] { return Result<std::string>("188-5-101"); })
              ->set(1, State::on, lock)
              .ok());
    CHECK(fresh.rest() == "");
}

TEST_CASE("an ICStation board that does not answer the greeting gets nothing more", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script silent{{"50", ""}};
    const auto status = icstation::make_board(stream_of(silent), [] {
                            return Result<std::string>("1");
                        })->set(1, State::off, lock);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().fault == Fault::bench);
    CHECK(status.error().message.find("unplug it and plug it in again") != std::string::npos);
    CHECK(silent.rest() == "");

    Script other{{"50", "31"}};
    const auto wrong = icstation::make_board(stream_of(other), [] {
                           return Result<std::string>("2");
                       })->set(1, State::off, lock);
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().message == "the board answers 31, which is no ICStation relay board");
}

TEST_CASE("an ICStation board has the channels of its model", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{"50", "ad"}, {"51", ""}};
    CHECK(icstation::make_board(stream_of(script), [] { return Result<std::string>("1"); })
              ->set(3, State::on, lock)
              .error()
              .fault == Fault::usage);
    CHECK(icstation::channels_of(0xab) == 4U);
    CHECK(icstation::channels_of(0xac) == 8U);
    CHECK(icstation::channels_of(0x50) == std::nullopt);
    for (const auto* note : {"", "ab", "ab 0", "zz 00", "50 00", "ab 0g", "ab-0f", "ab 0f\n"})
        CHECK_FALSE(icstation::Outputs::from_note(note).has_value());
    CHECK(icstation::Outputs::from_note("ac f7")->mask == 0xf7);
}

TEST_CASE("a Numato module is asked line by line until its prompt", "[drivers]") {
    const Locks locks;
    auto lock = Locks::take();
    Script script{{text_hex("\r"), text_hex("\n\r>")},
                  {text_hex("relay on 3\r"), text_hex("relay on 3\n\r>")},
                  {text_hex("\r"), text_hex("relay rea\n\r>")},
                  {text_hex("relay read 3\r"), text_hex("relay read 3\n\ron\n\r>")},
                  {text_hex("\r"), text_hex("\n\r>")},
                  {text_hex("relay off 3\r"), text_hex("relay off 3\n\r>")},
                  {text_hex("\r"), text_hex("\n\r>")},
                  {text_hex("relay read 3\r"), text_hex("relay read 3\n\roff\n\r>")}};
    const auto board = numato::make_board(stream_of(script), numato::Index::letter);
    CHECK(board->set(3, State::on, lock).ok());
    CHECK(board->read(3, lock).value() == State::on);
    CHECK(board->set(3, State::off, lock).ok());
    CHECK(board->read(3, lock).value() == State::off);
    CHECK(script.rest() == "");
}

TEST_CASE("Numato modules count by letters or by two digits", "[drivers]") {
    using numato::Index;
    CHECK(numato::usual_index(8) == Index::letter);
    CHECK(numato::usual_index(32) == Index::letter);
    CHECK(numato::usual_index(64) == Index::two_digits);
    CHECK(numato::index_text(9, Index::letter) == "9");
    CHECK(numato::index_text(10, Index::letter) == "A");
    CHECK(numato::index_text(31, Index::letter) == "V");
    CHECK(numato::index_text(7, Index::two_digits) == "07");
    CHECK(numato::command_text(63, State::on, Index::two_digits) == "relay on 63");
}

TEST_CASE("a device that is no Numato module is told from one", "[drivers]") {
    CHECK_FALSE(numato::parse_reply("relay read 0\n\ron\n\r", "relay read 0").ok());
    CHECK_FALSE(numato::parse_reply("U-Boot 2016.11 =>", "relay read 0").ok());
    CHECK(numato::parse_reply("relay on 0\n\r>", "relay on 0").value() == "");
    for (const auto* word : {"", "ON", "1", "onoff"}) CHECK_FALSE(numato::parse_state(word).ok());
    const Locks locks;
    auto lock = Locks::take();
    Script silent{{"0d", ""}};
    CHECK_FALSE(numato::make_board(stream_of(silent), numato::Index::letter)->read(0, lock).ok());
    Script chatty{{"0d", text_hex(std::string(2000, 'x'))}};
    const auto flood = numato::make_board(stream_of(chatty), numato::Index::letter)->read(0, lock);
    REQUIRE_FALSE(flood.ok());
    CHECK(flood.error().message.find("it is another device") != std::string::npos);
}
