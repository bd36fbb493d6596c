#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bench/internet/services/files/tftp.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t tftp_port = 69;
enum Operation : std::uint16_t {
    read_request = 1,
    write_request = 2,
    data_block = 3,
    acknowledgement = 4,
    failure = 5,
    options_accepted = 6
};
constexpr std::size_t most_transfers = 64, longest_block = 65464;

std::string take_text(ByteReader& reader) {
    std::string text;
    while (!reader.empty() && text.size() < 512) {
        const char letter = static_cast<char>(reader.u8());
        if (letter == '\0') return text;
        text += letter;
    }
    return text;
}

Bytes acknowledge(std::uint16_t block) {
    ByteWriter writer;
    return writer.u16(acknowledgement).u16(block).take();
}

Bytes refuse(std::uint16_t code, std::string_view text) {
    ByteWriter writer;
    return writer.u16(failure).u16(code).text(text).u8(0).take();
}

void record(World& world, const Flow& flow, std::string_view operation, const std::string& file,
            const std::string& mode, bool whole, std::optional<PayloadId> id, std::uint64_t offer = 0,
            bool list = false) {
    auto fields = flow_fields(world, flow, protocol::tftp);
    fields.text("operation", operation).text("file", file).text("mode", mode).flag("whole", whole);
    if (offer != 0)
        fields.number("offer", static_cast<std::int64_t>(offer)).text("update", list ? "list" : "package");
    world.recorder.event(world.now(), "tftp", fields, id);
}

}  // namespace

std::optional<Bytes> Tftp::received(World& world, const Flow& flow, ByteView datagram) {
    if (flow.destination.port != tftp_port || !world.reachable(flow)) return std::nullopt;
    ByteReader reader(datagram);
    const auto operation = reader.u16(), number = reader.u16();
    if (reader.failed()) return std::nullopt;
    if (operation == read_request || operation == write_request)
        return begin(world, flow, datagram, operation == write_request);
    const auto found = transfers_.find(flow.camera);
    if (found == transfers_.end()) return std::nullopt;
    auto& transfer = found->second;
    if (operation == data_block && transfer.writes) return take_data(world, flow, transfer, datagram);
    if (operation == acknowledgement && !transfer.writes) {
        const auto acknowledged = transfer.given - static_cast<std::uint16_t>(transfer.given - number);
        if (acknowledged > transfer.given) return Bytes();  // of a block that was never sent
        if (acknowledged * transfer.block_size > transfer.to_camera.size()) {
            record(world, flow, "read", transfer.file, transfer.mode, true, {}, transfer.offer,
                   transfer.list);
            transfers_.erase(found);
            return Bytes();
        }
        return give_data(transfer, acknowledged + 1);
    }
    if (operation == failure) {
        record(world, flow, transfer.writes ? "write" : "read", transfer.file, transfer.mode, false,
               transfer.content.finish(), transfer.offer, transfer.list);
        transfers_.erase(found);
        return Bytes();
    }
    return std::nullopt;
}

Bytes Tftp::begin(World& world, const Flow& flow, ByteView datagram, bool writes) {
    ByteReader reader(datagram.subspan(2));
    const auto file = take_text(reader);
    const auto mode = lower(take_text(reader));
    if (transfers_.size() >= most_transfers || transfers_.contains(flow.camera)) finish(world);
    auto& transfer = transfers_.try_emplace(flow.camera, world.recorder).first->second;
    transfer.flow = flow;
    transfer.file = file;
    transfer.mode = mode;
    transfer.writes = writes;
    bool wants_size = false;
    ByteWriter accepted;
    accepted.u16(options_accepted);
    while (!reader.empty()) {
        const auto name = lower(take_text(reader)), value = take_text(reader);
        if (name == "blksize") {
            std::size_t size = 0;
            (void)std::from_chars(value.data(), value.data() + value.size(), size);
            transfer.block_size = std::clamp<std::size_t>(size, 8, longest_block);
            accepted.text(name).u8(0).text(fmt::format("{}", transfer.block_size)).u8(0);
        } else if (name == "tsize" && writes) {
            accepted.text(name).u8(0).text(value).u8(0);
        } else if (name == "tsize") {
            wants_size = true;
        }
    }
    if (writes) return accepted.size() > 2 ? accepted.take() : acknowledge(0);
    const auto* name = world.names.name_of(flow.destination.address);
    const HttpHead head{.method = "GET", .target = file.starts_with('/') ? file : "/" + file};
    const auto found = world.web.answer({head, name != nullptr ? *name : flow.destination.address.to_string(),
                                         flow.camera.address.to_string(),
                                         flow.destination.address.to_string(), world.clock.now()});
    if (found.by != "route" && found.by != "update") {
        record(world, flow, "read", file, mode, false, {});
        transfers_.erase(flow.camera);
        return refuse(1, "File not found");
    }
    transfer.to_camera = found.answer.body;
    if (found.role != UpdateRole::none) transfer.offer = world.web.offer_number();
    transfer.list = found.role == UpdateRole::list;
    if (wants_size) accepted.text("tsize").u8(0).text(fmt::format("{}", transfer.to_camera.size())).u8(0);
    return accepted.size() > 2 ? accepted.take() : give_data(transfer, 1);
}

void Tftp::finish(World& world) {
    for (auto& [camera, transfer] : transfers_)
        record(world, transfer.flow, transfer.writes ? "write" : "read", transfer.file, transfer.mode, false,
               transfer.content.finish(), transfer.offer, transfer.list);
    transfers_.clear();
}

Bytes Tftp::take_data(World& world, const Flow& flow, Transfer& transfer, ByteView datagram) {
    ByteReader reader(datagram);
    reader.skip(2);
    const auto block = reader.u16();
    const auto content = reader.rest();
    if (block != static_cast<std::uint16_t>(transfer.block + 1))
        return acknowledge(transfer.block);  // seen already, or lost one
    transfer.block = block;
    transfer.content.append(content);
    if (content.size() < transfer.block_size) {
        record(world, flow, "write", transfer.file, transfer.mode, true, transfer.content.finish());
        transfers_.erase(flow.camera);
    }
    return acknowledge(block);
}

Bytes Tftp::give_data(Transfer& transfer, std::uint64_t block) {
    transfer.given = block;
    const auto begun = static_cast<std::size_t>(block - 1) * transfer.block_size;
    ByteWriter writer;
    writer.u16(data_block).u16(static_cast<std::uint16_t>(block));
    if (begun < transfer.to_camera.size())
        writer.text(std::string_view(transfer.to_camera).substr(begun, transfer.block_size));
    return writer.take();
}

}  // namespace cambench::internet
