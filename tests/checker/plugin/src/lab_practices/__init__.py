"""The practices of a laboratory: pages with their rules, as in repro-audit itself."""
