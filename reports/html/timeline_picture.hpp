#pragma once

#include "reports/html/timeline_scene.hpp"

namespace cambench::reports {

/// The scene as one SVG, 1000 units wide. Its colours are the page's (style.css).
[[nodiscard]] Markup draw_timeline(const TimelineScene& scene, const Place& place);

}  // namespace cambench::reports
