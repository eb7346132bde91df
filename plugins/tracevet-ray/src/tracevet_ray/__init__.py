"""Ray for tracevet: an engine that moves the rows of an export over a cluster."""

from tracevet_ray.engine import RayEngine

__all__ = ["RayEngine"]
