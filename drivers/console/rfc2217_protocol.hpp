#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include "harness/core/bytes.hpp"

namespace cambench {

/// The client's side of telnet (RFC 854) with the COM-PORT-OPTION of RFC 2217: bytes in, data and answers
/// out.
///
/// Asks for 8 data bits, no parity, 1 stop bit, no flow control, DTR and RTS off, and a rate. Takes whatever
/// comes: unknown options are refused, unknown or endless sub-negotiations are passed over.
class Rfc2217Protocol {
public:
    explicit Rfc2217Protocol(unsigned baud) : baud_(baud) {}

    /// What a new connection begins with. Forgets what the last one agreed on.
    [[nodiscard]] Bytes begin();

    /// Takes what the server sent. The serial port's own bytes are put to the front of `bytes`; returns how
    /// many.
    [[nodiscard]] std::size_t receive(std::span<std::byte> bytes);

    /// Answers to send to the server, once.
    [[nodiscard]] Bytes take_answers() { return std::exchange(answers_, {}); }

    /// Data as it must be sent: IAC doubled.
    [[nodiscard]] static Bytes escape(ByteView data);

    /// nullopt: not decided yet.
    [[nodiscard]] std::optional<bool> accepted() const { return accepted_; }
    /// The rate as the server confirmed it; nullopt: it has not yet.
    [[nodiscard]] std::optional<unsigned> baud() const { return confirmed_; }

private:
    enum class State { data, command, option, sub, sub_command };

    void take_command(std::byte byte);
    void take_option(std::byte option);
    void take_sub(std::byte byte);
    void end_sub();
    void answer(std::initializer_list<unsigned> bytes);
    void request_settings();

    unsigned baud_;
    State state_ = State::data;
    std::byte verb_{};
    Bytes sub_;
    Bytes answers_;
    std::optional<bool> accepted_;
    std::optional<unsigned> confirmed_;
    bool binary_asked_ = false, com_port_asked_ = false;
};

}  // namespace cambench
