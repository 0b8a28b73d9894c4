#pragma once
// The node's log: one line for each event on stderr, `TIME level=L node=N event=E ...`. What a line holds comes partly
// from outside (names, peers' words): it is made printable here, so nobody can forge a line or act on a terminal.

#include <string>

namespace tally::node {

// Replaces the process's default logger. Once, before other threads log.
void set_up_log(const std::string& node, const std::string& level);

}  // namespace tally::node
