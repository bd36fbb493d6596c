#include "drivers/console/rfc2217_protocol.hpp"

#include <initializer_list>
#include <utility>

namespace cambench {
namespace {

// RFC 854, 856, 857, 858.
constexpr unsigned se = 240, sb = 250, will = 251, wont = 252, do_ = 253, dont = 254, iac = 255;
constexpr unsigned binary = 0, echo = 1, suppress_go_ahead = 3;
// RFC 2217; the server's answers are the client's numbers and 100.
constexpr unsigned com_port = 44, set_baud = 1, set_data_size = 2, set_parity = 3, set_stop_size = 4,
                   set_control = 5, from_server = 100;
constexpr unsigned no_parity = 1, one_stop_bit = 1, no_flow_control = 1, dtr_off = 9, rts_off = 12;

constexpr std::size_t longest_sub = 256;

unsigned value(std::byte byte) { return std::to_integer<unsigned>(byte); }

void put(Bytes& into, std::initializer_list<unsigned> bytes) {
    for (const auto byte : bytes) into.push_back(static_cast<std::byte>(byte));
}

}  // namespace

void Rfc2217Protocol::answer(std::initializer_list<unsigned> bytes) { put(answers_, bytes); }

Bytes Rfc2217Protocol::begin() {
    state_ = State::data;
    sub_.clear();
    answers_.clear();
    accepted_.reset();
    confirmed_.reset();
    binary_asked_ = com_port_asked_ = true;
    Bytes opening;
    put(opening, {iac, will, binary, iac, do_, binary, iac, do_, suppress_go_ahead, iac, will, com_port});
    return opening;
}

std::size_t Rfc2217Protocol::receive(std::span<std::byte> bytes) {
    std::size_t kept = 0;
    for (const auto byte : bytes) {
        switch (state_) {
            case State::data:
                if (value(byte) == iac)
                    state_ = State::command;
                else
                    bytes[kept++] = byte;
                break;
            case State::command:
                if (value(byte) == iac) {
                    bytes[kept++] = byte;
                    state_ = State::data;
                } else {
                    take_command(byte);
                }
                break;
            case State::option:
                take_option(byte);
                break;
            case State::sub:
            case State::sub_command:
                take_sub(byte);
                break;
        }
    }
    return kept;
}

void Rfc2217Protocol::take_command(std::byte byte) {
    const auto verb = value(byte);
    if (verb == sb) {
        sub_.clear();
        state_ = State::sub;
    } else if (verb >= will && verb <= dont) {
        verb_ = byte;
        state_ = State::option;
    } else {
        state_ = State::data;  // NOP, break and the like need no answer
    }
}

/// Agreements are answered once: what we have asked for ourselves needs no answer when it is granted.
void Rfc2217Protocol::take_option(std::byte byte) {
    state_ = State::data;
    const auto verb = value(verb_), option = value(byte);
    if (option == com_port) {
        if (verb == do_ || verb == will) {
            if (!com_port_asked_ && verb == do_) answer({iac, will, com_port});
            if (accepted_ != true) request_settings();
            accepted_ = true;
        } else {
            accepted_ = false;
        }
        return;
    }
    const bool wanted = option == binary || option == suppress_go_ahead;
    if (verb == will && option == echo) return answer({iac, do_, echo});  // the camera echoes, we never do
    if (wanted && (verb == will || verb == do_)) {
        if (!binary_asked_)
            answer({iac, verb == will ? do_ : will, option});
        else if (verb == do_ && option == suppress_go_ahead)
            answer({iac, will, option});
        return;
    }
    if (verb == will) answer({iac, dont, option});
    if (verb == do_) answer({iac, wont, option});
}

void Rfc2217Protocol::request_settings() {
    answer({iac, sb, com_port, set_baud});
    for (int shift = 24; shift >= 0; shift -= 8) {
        const auto byte = baud_ >> shift & 0xff;
        if (byte == iac) answer({iac});
        answer({byte});
    }
    answer({iac, se});
    answer({iac, sb, com_port, set_data_size, 8, iac, se});
    answer({iac, sb, com_port, set_parity, no_parity, iac, se});
    answer({iac, sb, com_port, set_stop_size, one_stop_bit, iac, se});
    answer({iac, sb, com_port, set_control, no_flow_control, iac, se});
    answer({iac, sb, com_port, set_control, dtr_off, iac, se});
    answer({iac, sb, com_port, set_control, rts_off, iac, se});
}

void Rfc2217Protocol::take_sub(std::byte byte) {
    if (state_ == State::sub) {
        if (value(byte) == iac)
            state_ = State::sub_command;
        else if (sub_.size() < longest_sub)
            sub_.push_back(byte);
        return;
    }
    state_ = State::sub;
    if (value(byte) == iac) {
        if (sub_.size() < longest_sub) sub_.push_back(byte);
    } else if (value(byte) == se) {
        end_sub();
        state_ = State::data;
    } else {
        state_ = State::command;  // a command in the middle of it: the sub-negotiation never ended
        take_command(byte);
    }
}

void Rfc2217Protocol::end_sub() {
    ByteReader reader(sub_);
    const auto option = reader.u8(), command = reader.u8();
    if (option == com_port && command == set_baud + from_server) {
        const auto rate = reader.u32();
        if (!reader.failed()) confirmed_ = rate;
    }
    sub_.clear();
}

Bytes Rfc2217Protocol::escape(ByteView data) {
    Bytes escaped;
    escaped.reserve(data.size());
    for (const auto byte : data) {
        escaped.push_back(byte);
        if (value(byte) == iac) escaped.push_back(byte);
    }
    return escaped;
}

}  // namespace cambench
