#pragma once

#include <map>
#include <optional>
#include <string>

#include "bench/internet/world/world.hpp"

namespace cambench::internet {

/// TFTP (RFC 1350, 2347): files that are written are kept; files that are asked for come from the web
/// server's routes of that path.
class Tftp {
public:
    [[nodiscard]] std::optional<Bytes> received(World& world, const Flow& flow, ByteView datagram);
    /// Records what did not come to its end.
    void finish(World& world);

private:
    struct Transfer {
        explicit Transfer(Recorder& recorder) : content(recorder) {}
        Flow flow;
        std::string file, mode;
        bool writes = false;
        std::size_t block_size = 512;
        std::uint16_t block = 0;
        Payload content;        ///< what the camera writes
        std::string to_camera;  ///< what it reads
        std::uint64_t given =
            0;  ///< the last block that was sent; on the wire its count begins anew after 65535
        std::uint64_t offer = 0;  ///< number of the firmware offer it is; 0: none
        bool list = false;        ///< what says which firmware there is
    };
    Bytes begin(World& world, const Flow& flow, ByteView datagram, bool writes);
    Bytes take_data(World& world, const Flow& flow, Transfer& transfer, ByteView datagram);
    static Bytes give_data(Transfer& transfer, std::uint64_t block);

    std::map<Endpoint, Transfer> transfers_;  ///< by the camera's end
};

}  // namespace cambench::internet
