// FIT: a flattened device tree (devicetree.org, chapter 5) whose images have hashes and, where it is signed,
// signatures (U-Boot, doc/uImage.FIT).
#include <algorithm>

#include "harness/core/checksum.hpp"
#include "harness/offers/package.hpp"

namespace cambench::offers {
namespace {

constexpr std::uint32_t node_begins = 1, node_ends = 2, property = 3, nothing = 4, tree_ends = 9;
constexpr std::size_t deepest_node = 16, most_nodes = 1024;

struct Value {
    std::size_t at = 0, size = 0;
};
struct Node {
    std::string name;
    std::size_t parent = 0;
    std::vector<std::pair<std::string, Value>> properties;

    [[nodiscard]] const Value* find(std::string_view wanted) const {
        const auto found = std::find_if(properties.begin(), properties.end(),
                                        [&](const auto& one) { return one.first == wanted; });
        return found == properties.end() ? nullptr : &found->second;
    }
};

std::string_view text_at(ByteView bytes, std::size_t at) {
    if (at >= bytes.size()) return {};
    const auto text = as_text(bytes.subspan(at));
    return text.substr(0, text.find('\0'));
}

/// The tree's nodes in order, parents first; empty when it is damaged.
std::vector<Node> nodes_of(ByteView bytes, std::size_t structure, std::size_t strings) {
    std::vector<Node> nodes;
    std::vector<std::size_t> open;
    ByteReader reader(bytes);
    reader.seek(structure);
    const auto align = [&] { reader.seek(std::min(bytes.size(), (reader.position() + 3) / 4 * 4)); };
    while (!reader.failed() && nodes.size() < most_nodes && open.size() < deepest_node) {
        const auto token = reader.u32();
        if (token == node_begins) {
            const auto name = text_at(bytes, reader.position());
            reader.skip(name.size() + 1);
            align();
            nodes.push_back({std::string(name), open.empty() ? 0 : open.back(), {}});
            open.push_back(nodes.size() - 1);
        } else if (token == property) {
            const auto size = reader.u32(), name = reader.u32();
            const Value value{reader.position(), size};
            reader.skip(size);
            align();
            if (reader.failed() || open.empty()) return {};
            nodes[open.back()].properties.emplace_back(text_at(bytes, strings + std::size_t{name}), value);
        } else if (token == node_ends) {
            if (open.empty()) return {};
            open.pop_back();
        } else if (token == tree_ends) {
            return nodes;
        } else if (token != nothing) {
            return {};
        }
    }
    return {};
}

/// Where an image's data stands: in the tree, or behind it.
std::optional<Value> data_of(ByteView bytes, const Node& node, std::size_t tree_size) {
    if (const auto* data = node.find("data")) return *data;
    const auto number = [&](std::string_view name) -> std::optional<std::size_t> {
        const auto* value = node.find(name);
        ByteReader reader(bytes);
        reader.seek(value == nullptr ? 0 : value->at);
        return value == nullptr || value->size != 4 ? std::nullopt : std::optional<std::size_t>(reader.u32());
    };
    const auto size = number("data-size"), offset = number("data-offset"), position = number("data-position");
    if (!size || (!offset && !position)) return std::nullopt;
    const Value value{position ? *position : (tree_size + 3) / 4 * 4 + *offset, *size};
    return value.at <= bytes.size() && value.size <= bytes.size() - value.at ? std::optional(value)
                                                                             : std::nullopt;
}

struct Hash {
    std::string algorithm;
    Value value;
    std::size_t part;
};

}  // namespace

std::optional<Package> open_fit(ByteView bytes) {
    ByteReader reader(bytes);
    if (reader.u32() != 0xd00dfeed) return std::nullopt;
    const std::size_t tree_size = reader.u32(), structure = reader.u32(), strings = reader.u32();
    if (reader.failed() || tree_size > bytes.size() || structure >= tree_size || strings >= tree_size)
        return std::nullopt;
    const auto nodes = nodes_of(bytes, structure, strings);
    Package package{.format = "fit", .fixed_sizes = true};
    std::vector<Value> places;
    std::vector<Hash> hashes;
    std::vector<std::optional<std::size_t>> part_of_node(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& node = nodes[i];
        const auto* value = node.find("value");
        if (i > 0 && nodes[node.parent].name == "images") {
            const auto data = data_of(bytes, node, tree_size);
            if (!data || data->size == 0) continue;
            part_of_node[i] = places.size();
            places.push_back(*data);
            package.parts.push_back(
                {node.name, Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(data->at),
                                  bytes.begin() + static_cast<std::ptrdiff_t>(data->at + data->size))});
        } else if (node.name.starts_with("signature") && value != nullptr && value->size > 0) {
            places.push_back(*value);
            package.parts.push_back(
                {node.name,
                 Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(value->at),
                       bytes.begin() + static_cast<std::ptrdiff_t>(value->at + value->size)),
                 Part::Role::signature});
        } else if (node.name.starts_with("hash") && value != nullptr && i > 0 && part_of_node[node.parent]) {
            const auto* algorithm = node.find("algo");
            hashes.push_back({algorithm == nullptr ? "" : std::string(text_at(bytes, algorithm->at)), *value,
                              *part_of_node[node.parent]});
            const auto made = checksum_of(hashes.back().algorithm, package.parts[hashes.back().part].content);
            if (made.size() != value->size || as_text(bytes.subspan(value->at, value->size)) != made)
                return std::nullopt;
        }
    }
    if (std::none_of(package.parts.begin(), package.parts.end(),
                     [](const Part& part) { return part.role == Part::Role::content; }))
        return std::nullopt;
    package.close = [genuine = Bytes(bytes.begin(), bytes.end()), places,
                     hashes](const std::vector<Part>& parts) {
        auto out = genuine;
        for (std::size_t i = 0; i < places.size(); ++i)
            std::copy_n(parts[i].content.begin(), std::min(parts[i].content.size(), places[i].size),
                        out.begin() + static_cast<std::ptrdiff_t>(places[i].at));
        for (const auto& hash : hashes) {
            if (!parts[hash.part].changed) continue;
            const auto made = checksum_of(hash.algorithm, parts[hash.part].content);
            std::copy_n(as_bytes(made).begin(), made.size(),
                        out.begin() + static_cast<std::ptrdiff_t>(hash.value.at));
        }
        return out;
    };
    return package;
}

}  // namespace cambench::offers
