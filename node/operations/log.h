#pragma once
// The node's log: one line for each event on stderr, `TIME level=L node=N event=E ...`. Parts of a line come from
// outside (names, texts of peers): they are made printable here, so they cannot forge a line or control a terminal.

#include <string>

namespace tally::node {

// Replaces the process's default logger. Once, before other threads log.
void set_up_log(const std::string& node, const std::string& level);

}  // namespace tally::node
