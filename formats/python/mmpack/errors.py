"""What is raised for a bundle that breaks a rule of the specification."""


class BadBundle(Exception):
    """The bundle breaks a rule of the specification; the message says which and where."""


def require(condition, message):
    if not condition:
        raise BadBundle(message)
