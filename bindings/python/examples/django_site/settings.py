"""Settings of the site. It has no database: orders, payments and stock are holdfast's."""
import os
from typing import Any, Dict

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for this example")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "127.0.0.1 localhost").split()
ROOT_URLCONF = "urls"
WSGI_APPLICATION = "wsgi.application"
INSTALLED_APPS = ["rest_framework", "shop"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DATABASES: Dict[str, Any] = {}
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

HOLDFAST_STORE = os.environ.get("HOLDFAST_STORE", "memory:")
SHOP_CURRENCY = "EUR"
SHOP_MINUTES_TO_PAY = 15
SHOP_PAGE = 100  # rows of a page
SHOP_QUANTITY_MAX = 100_000
SHOP_SECONDS_AHEAD = 60  # of clients whose clocks are fast

REST_FRAMEWORK: Dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "shop.problems.handler",
}
