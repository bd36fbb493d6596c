#pragma once

#include <map>
#include <string>

#include "harness/declaration/declaration.hpp"

namespace cambench {

/// Remarks for the reader of a written declaration.
struct DeclarationRemarks {
    std::string head;                                 ///< above everything
    std::map<std::size_t, std::string> destinations;  ///< above the destination of that index
    std::vector<std::string> left_out;                ///< after the destinations, one comment each
};

/// The XML of a declaration, as load_declaration reads it. Hostile text comes out inert: escaped, and
/// harmless in comments.
[[nodiscard]] std::string declaration_xml(const Declaration& declaration,
                                          const DeclarationRemarks& remarks = {});

}  // namespace cambench
