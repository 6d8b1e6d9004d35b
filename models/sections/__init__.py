"""The sections of a policy (规则的各节): one for each procedure, with its limits and numbers."""
