"""The application for a WSGI server.

    gunicorn --chdir bindings/python/examples/django_site --threads 16 wsgi

One worker with threads: the store is open in one process at a time. What the threads ask for at the
same time shares a commit.
"""
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
application = get_wsgi_application()
